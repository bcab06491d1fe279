import Foundation

/// The records of a run, one file for each method and seed.
struct RecordStore {
  let folder: URL

  /// The file of a record.
  func url(_ method: Method, seed: UInt64) -> URL {
    folder.appendingPathComponent("\(method.rawValue)-seed-\(seed).json")
  }

  /// A record, if it has been made.
  ///
  /// - Throws: ``ExperimentError/unreadableRecord(path:reason:)``.
  func read(_ method: Method, seed: UInt64) throws(ExperimentError) -> MethodRecord? {
    let url = url(method, seed: seed)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let record: MethodRecord
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      record = try decoder.decode(MethodRecord.self, from: Data(contentsOf: url))
    } catch {
      throw .unreadableRecord(path: url.path, reason: "it does not read as one")
    }
    guard record.method == method && record.seed == seed else {
      throw .unreadableRecord(
        path: url.path, reason: "it is that of \(record.method.rawValue), seed \(record.seed)")
    }
    return record
  }

  /// Writes a record, whole or not at all.
  func write(_ record: MethodRecord) throws(ExperimentError) {
    try makeFolder(folder)
    try Experiments.write(data(record), to: url(record.method, seed: record.seed))
  }
}
