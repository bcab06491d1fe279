import Foundation
import Networks

extension TrainCommand {
  /// Does some training, and with `--profile` prints where its time went.
  func profiled<Result>(_ training: () throws -> Result) rethrows -> Result {
    guard profile else { return try training() }
    let (result, profile) = try Profile.measuring(training)
    print("\n" + profile.text(convolutionRate: ConvolutionRate.measured()), terminator: "")
    fflush(nil)
    return result
  }
}
