import ArrayFiles
import Explanations
import MedicalImages
import Networks

/// What can keep an experiment from beginning, going on or ending.
@nonexhaustive
public enum ExperimentError: Error, Equatable, Sendable {
  /// There is no data set at this path.
  case noData(path: String, remedy: String)
  /// The data set has too little of something.
  case tooFew(what: String, found: Int, needed: Int, remedy: String)
  /// A configuration file cannot be read as JSON of the expected form.
  case unreadableConfiguration(path: String, reason: String)
  /// A configuration file has a name that no configuration has.
  case unknownSetting(path: String, name: String, known: [String])
  /// A setting outside its range.
  case invalidSetting(name: String, value: String, required: String)
  /// The output folder belongs to a run with another configuration.
  case otherConfiguration(path: String, name: String, before: String, now: String)
  /// The output folder belongs to a run on other data.
  case otherData(path: String, before: String, now: String)
  /// A record cannot be read.
  case unreadableRecord(path: String, reason: String)
  /// A table of other numbers has none that this experiment has.
  case nothingToCompare(name: String, found: [String], known: [String])
  /// A file or a folder cannot be written.
  case unwritable(path: String, reason: String)
  /// The numbers of a network are not finite any more.
  case diverged(network: String, seed: UInt64, epoch: Int, step: Int, place: String)
  /// The images cannot be read.
  case images(ImageError)
  /// A network cannot be trained.
  case training(TrainingError)
  /// A network cannot be explained.
  case explanation(ExplanationError)
  /// Weights do not fit a network.
  case weights(CheckpointError)
}

extension ExperimentError: CustomStringConvertible {
  /// One line: the file or the setting, the value found, what to do.
  public var description: String {
    switch self {
    case .noData(let path, let remedy):
      "\(path): there is no data set; \(remedy)"
    case .tooFew(let what, let found, let needed, let remedy):
      "the data set has \(found) \(what) and needs \(needed); \(remedy)"
    case .unreadableConfiguration(let path, let reason):
      "\(path): is no configuration (\(reason)); see configuration.json of a run for one that is"
    case .unknownSetting(let path, let name, let known):
      "\(path): no setting is called \(name); there are \(known.joined(separator: ", "))"
    case .invalidSetting(let name, let value, let required):
      "\(name) is \(value) and must be \(required)"
    case .otherConfiguration(let path, let name, let before, let now):
      "\(path): belongs to a run with \(name) \(before), now \(now); use the same configuration "
        + "to continue it, or another --out"
    case .otherData(let path, let before, let now):
      "\(path): belongs to a run on data \(before), now \(now); use the same --data to continue "
        + "it, or another --out"
    case .unreadableRecord(let path, let reason):
      "\(path): is no record (\(reason)); delete it and it is made again"
    case .nothingToCompare(let name, let found, let known):
      "\(name): has numbers of \(found.joined(separator: ", ")) and none of "
        + "\(known.joined(separator: ", ")), which this experiment has; name them so"
    case .unwritable(let path, let reason):
      "\(path): cannot be written (\(reason)); check the path, its permissions and free space"
    case .diverged(let network, let seed, let epoch, let step, let place):
      "\(network), seed \(seed): the numbers are not finite any more in epoch \(epoch), step "
        + "\(step), first in \(place); try a lower learning rate"
    case .images(let error): error.description
    case .training(let error): error.description
    case .explanation(let error): error.description
    case .weights(let error): error.description
    }
  }
}
