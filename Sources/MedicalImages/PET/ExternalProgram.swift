import Foundation

/// A program of the system that does part of the work.
struct ExternalProgram {
  let name: String
  let url: URL

  /// Finds a program.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - path: Folders to look in, separated by colons.
  ///   - remedy: What to do if it is not there.
  /// - Throws: ``ImageError/missingProgram(name:remedy:)``.
  init(_ name: String, path: String, remedy: String) throws(ImageError) {
    let places = path.split(separator: ":").map {
      URL(fileURLWithPath: String($0)).appendingPathComponent(name)
    }
    guard let url = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) })
    else { throw .missingProgram(name: name, remedy: remedy) }
    (self.name, self.url) = (name, url)
  }

  /// The converter of DICOM series.
  static func dcm2niix(
    path: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
  ) throws(ImageError) -> ExternalProgram {
    try ExternalProgram(
      "dcm2niix", path: path,
      remedy: "install it (sudo apt-get install dcm2niix), or give volumes in NIfTI")
  }

  /// Runs the program to its end.
  ///
  /// - Throws: ``ImageError/programFailed(name:input:reason:)`` with the last line that it wrote.
  func run(_ arguments: [String], input: String) throws(ImageError) {
    let process = Process()
    let output = Pipe()
    process.executableURL = url
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    do {
      try process.run()
    } catch {
      throw .programFailed(name: name, input: input, reason: error.localizedDescription)
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let text = String(decoding: data, as: UTF8.self)
      let last = text.split(whereSeparator: \.isNewline).last.map(String.init)
      throw .programFailed(
        name: name, input: input, reason: last ?? "exit code \(process.terminationStatus)")
    }
  }
}
