import Foundation

/// Writes files so that a reader sees the old contents or the new, never a part.
///
/// The bytes go to a hidden file in the same folder, which is flushed to the disk and then renamed
/// over the target. On any failure the hidden file is removed and the target is as it was.
public enum AtomicFile {
  /// Writes `data` as the whole contents of a file.
  ///
  /// - Parameters:
  ///   - data: The contents.
  ///   - url: The file; one that exists is replaced, with its permissions kept.
  /// - Throws: ``ArrayFileError/unwritable(path:reason:)``.
  public static func write(_ data: Data, to url: URL) throws(ArrayFileError) {
    try write(to: url) { (file) throws(ArrayFileError) in try file.append(data) }
  }

  /// Writes a file piece by piece, for contents that need not be in memory at once.
  ///
  /// - Parameters:
  ///   - url: The file; one that exists is replaced, with its permissions kept.
  ///   - body: Appends the contents in order. An error that it throws leaves the target as it was.
  /// - Throws: ``ArrayFileError/unwritable(path:reason:)``, or what `body` throws.
  public static func write(
    to url: URL, _ body: (borrowing Sink) throws(ArrayFileError) -> Void
  ) throws(ArrayFileError) {
    // A symbolic link stays one: what it points to is replaced.
    let target = url.resolvingSymlinksInPath()
    let folder = target.deletingLastPathComponent().path
    let partial = "\(folder)/.\(UInt64.random(in: 0 ... .max)).partial"
    let file = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw failure(url) }
    do throws(ArrayFileError) {
      defer { close(file) }
      var status = stat()
      if stat(target.path, &status) == 0 { fchmod(file, status.st_mode & 0o7777) }
      try body(Sink(file: file, url: url))
      guard fsync(file) == 0 else { throw failure(url) }
      guard rename(partial, target.path) == 0 else { throw failure(url) }
    } catch {
      unlink(partial)
      throw error
    }
    // The rename itself reaches the disk with the folder; a file system that cannot flush a folder
    // does not make the write wrong.
    let directory = open(folder, O_RDONLY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// Where the contents of a file go while it is being written.
  public struct Sink: ~Copyable {
    fileprivate let file: CInt
    fileprivate let url: URL

    /// Appends bytes.
    ///
    /// - Parameter data: The bytes.
    /// - Throws: ``ArrayFileError/unwritable(path:reason:)``.
    public func append(_ data: Data) throws(ArrayFileError) {
      let complete = data.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
          let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
          let written = Foundation.write(file, start, rest.count)
          if written < 0 && errno == EINTR { continue }
          if written <= 0 { return false }
          rest = rest.dropFirst(written)
        }
        return true
      }
      if !complete { throw failure(url) }
    }
  }

  /// Removes what killed writers left in a folder: hidden files of this type that nobody has written
  /// to for a while.
  ///
  /// - Parameters:
  ///   - folder: The folder; nothing happens if there is none.
  ///   - age: How many seconds ago the last write must have been, so that no living writer loses its
  ///     file.
  public static func removeLeftovers(in folder: URL, olderThan age: TimeInterval = 60) {
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.contentModificationDateKey])
    for file in files ?? [] {
      let name = file.lastPathComponent
      guard name.hasPrefix("."), name.hasSuffix(".partial"),
        UInt64(name.dropFirst().dropLast(".partial".count)) != nil,
        let written = try? file.resourceValues(forKeys: [.contentModificationDateKey])
          .contentModificationDate, -written.timeIntervalSinceNow > age
      else { continue }
      unlink(file.path)
    }
  }

  private static func failure(_ url: URL) -> ArrayFileError {
    .unwritable(path: url.path, reason: String(cString: strerror(errno)))
  }
}
