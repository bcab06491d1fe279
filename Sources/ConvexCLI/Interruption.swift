import Foundation
import Synchronization

/// Ctrl-C and `kill`, turned into a flag that long work looks at between two steps.
///
/// The first signal asks politely: the step in progress finishes and what is on disk stays whole. The
/// second one ends the process at once, as without this type.
enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether somebody asked this process to stop.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// The exit code of a process that was stopped from outside, by the shell's convention.
  static let exitCode: Int32 = 130

  /// Starts listening to SIGINT and SIGTERM.
  static func listen() {
    flag.store(false, ordering: .relaxed)  // the handler must not be the first to touch it
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&unblocked, number)
      signal(number) { received in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(received, SIG_DFL)
      }
    }
    // A program that was started from a thread with blocked signals inherits that.
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
  }
}
