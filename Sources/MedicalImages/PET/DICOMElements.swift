import Foundation

/// A few short text elements of a DICOM file, by name: those that dcm2niix leaves out.
///
/// The elements are found by their tag and checked by their form; nothing else of the file is
/// understood. They lie before the pixels, uncompressed, in little-endian order.
enum DICOMElements {
  private static let tags: [(name: String, tag: [UInt8], representation: String)] = [
    ("RadiopharmaceuticalStartTime", [0x18, 0x00, 0x72, 0x10], "TM"),
    ("RadiopharmaceuticalStartDateTime", [0x18, 0x00, 0x78, 0x10], "DT"),
    ("SeriesTime", [0x08, 0x00, 0x31, 0x00], "TM"),
  ]

  /// The times of a file; empty for one that is not DICOM.
  ///
  /// - Parameter url: The file.
  /// - Returns: `RadiopharmaceuticalStartTime` and `SeriesTime`, as far as they are there.
  static func times(of url: URL) -> [String: String] {
    guard let file = try? FileHandle(forReadingFrom: url),
      let data = try? file.read(upToCount: 1 << 20), isDICOM(data)
    else { return [:] }
    var found: [String: String] = [:]
    for (name, tag, representation) in tags {
      if let value = value(of: Data(tag), representation, in: data) { found[name] = value }
    }
    if let stamp = found.removeValue(forKey: "RadiopharmaceuticalStartDateTime"),
      found["RadiopharmaceuticalStartTime"] == nil, stamp.count >= 12
    {
      found["RadiopharmaceuticalStartTime"] = String(stamp.dropFirst(8))
    }
    return found
  }

  /// Whether the bytes begin as a DICOM file does: 128 of anything, then DICM.
  static func isDICOM(_ data: Data) -> Bool {
    data.count > 132 && Array(data[128..<132]) == Array("DICM".utf8)
  }

  private static func value(of tag: Data, _ representation: String, in data: Data) -> String? {
    var start = 132
    while let hit = data.range(of: tag, in: start..<data.count) {
      start = hit.upperBound
      guard start + 4 <= data.count else { return nil }
      let next = Array(data[start..<start + 4])
      // With the type written out the length has two bytes, without it four.
      let isExplicit = Array(next[..<2]) == Array(representation.utf8)
      let length = isExplicit ? Int(next[2]) | Int(next[3]) << 8 : Int(next[0]) | Int(next[1]) << 8
      guard isExplicit || next[2] == 0 && next[3] == 0, (4...26).contains(length),
        start + 4 + length <= data.count
      else { continue }
      let text = String(decoding: data[start + 4..<start + 4 + length], as: UTF8.self)
        .trimmingCharacters(in: CharacterSet(charactersIn: " \0"))
      let number = text.prefix { $0 != "&" && $0 != "+" && $0 != "-" }
      if number.count >= 4, number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) {
        return String(number)
      }
    }
    return nil
  }
}
