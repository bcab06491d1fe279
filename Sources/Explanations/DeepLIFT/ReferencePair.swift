import Networks

/// The passes of a network over images and over their baseline, paired application by application.
///
/// A network that takes the same way for both makes the same applications in the same order.
struct ReferencePair {
  let images: RecordedPass
  let baseline: RecordedPass
  private let partners: [ObjectIdentifier: Application]

  /// Nil where the passes differ: another sequence of primitives, or, where a rule looks at both
  /// values, shapes of which one is not the other with one sample.
  init?(images: RecordedPass, baseline: RecordedPass) {
    guard images.tape.count == baseline.tape.count else { return nil }
    var partners: [ObjectIdentifier: Application] = [:]
    for (application, partner) in zip(images.tape, baseline.tape) {
      guard application.primitive == partner.primitive,
        RescaleRules.pullback(application, partner) == nil
          || Self.match(application.output.shape, partner.output.shape)
      else { return nil }
      partners[ObjectIdentifier(application)] = partner
    }
    (self.images, self.baseline, self.partners) = (images, baseline, partners)
  }

  /// The application at the baseline.
  func partner(of application: Application) -> Application {
    guard let partner = partners[ObjectIdentifier(application)] else {
      preconditionFailure("\(application.primitive) is not on the tape that was paired")
    }
    return partner
  }

  private static func match(_ shape: [Int], _ partner: [Int]) -> Bool {
    shape == partner || (partner.first == 1 && shape.dropFirst() == partner.dropFirst())
  }
}
