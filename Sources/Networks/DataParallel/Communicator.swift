/// How machines that train one network together talk to each other. Each is a rank, from 0.
///
/// Every rank makes the same calls in the same order, from one thread. Sums have the same bits on
/// every rank.
public protocol Communicator: Sendable {
  /// The number of this machine.
  var rank: Int { get }
  /// The number of machines.
  var count: Int { get }
  /// The sum over the ranks, element by element.
  ///
  /// - Parameter values: This rank's values, as many on every rank.
  /// - Returns: The sums.
  /// - Throws: ``CommunicationError``.
  func sum(_ values: [Double]) throws(CommunicationError) -> [Double]
  /// Begins to add up over the ranks, in place.
  ///
  /// - Parameter values: This rank's values, replaced by the sums when the result has been waited for;
  ///   not to be touched before.
  /// - Returns: What is waited for.
  /// - Throws: ``CommunicationError``.
  func beginSum(
    _ values: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) -> any PendingSum
  /// The bytes of one rank, on every rank.
  ///
  /// - Parameters:
  ///   - bytes: What to send; ignored elsewhere than on `root`.
  ///   - root: The rank that sends.
  /// - Returns: The bytes of `root`.
  /// - Throws: ``CommunicationError``.
  func broadcast(_ bytes: [UInt8], from root: Int) throws(CommunicationError) -> [UInt8]
}

/// A sum over the ranks that has been begun.
public protocol PendingSum: AnyObject {
  /// Lets it proceed; some libraries work only while they are called.
  func proceed() throws(CommunicationError)
  /// Returns when it is complete.
  func wait() throws(CommunicationError)
}
