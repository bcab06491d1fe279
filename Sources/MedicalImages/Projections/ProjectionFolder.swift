import Foundation

/// The labeled projections of a folder.
///
/// ```
/// folder/labels.csv            image,patient,label[,mask]    label: normal, mild, severe
/// folder/<image>               .png (gray, 8 or 16 bits), .nii or .nii.gz
/// folder/<image>.json          optional, see ``ProjectionRecord``
/// folder/masks/<image>         optional; or the path in the column mask
/// ```
///
/// One bad row costs the others nothing: it is listed in ``problems``.
public struct ProjectionFolder: Sendable {
  /// The folder that was read.
  public let folder: URL
  /// The usable rows, in the order of the table.
  public let images: [ProjectionImage]
  /// What is wrong with the others.
  public let problems: [ImageError]

  /// The file with the labels.
  public static let tableName = "labels.csv"
  static let maskFolder = "masks"

  /// Reads the table and looks for the files it names; the images themselves are not opened.
  ///
  /// - Parameter folder: The data set's folder.
  /// - Throws: ``ImageError/unreadable(path:reason:)`` for a folder that is not there,
  ///   ``ImageError/noImages(folder:reason:)`` for one without a table or rows,
  ///   ``ImageError/wrongFormat(path:expected:found:)`` or
  ///   ``ImageError/missingColumn(path:column:found:)`` for a table that is none. If no row at all can
  ///   be used, the first problem.
  public init(folder: URL) throws(ImageError) {
    let table = try Self.table(in: folder)
    var images: [ProjectionImage] = []
    var problems = table.problems
    for row in table.rows {
      do throws(ImageError) {
        images.append(try Self.image(row, table.path, folder))
      } catch {
        problems.append(error)
      }
    }
    guard !images.isEmpty else {
      throw problems.first ?? .noImages(folder: folder.path, reason: "labels.csv has no rows")
    }
    (self.folder, self.images, self.problems) = (folder, images, problems)
  }

  /// The labels of a folder, or why there are none.
  static func table(in folder: URL) throws(ImageError) -> LabelTable {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
    guard exists && isFolder.boolValue else {
      throw .unreadable(path: folder.path, reason: exists ? "is no folder" : "no such folder")
    }
    let url = folder.appendingPathComponent(tableName)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw .noImages(folder: folder.path, reason: "no \(tableName) in it")
    }
    return try LabelTable(contentsOf: url)
  }

  private static func image(
    _ row: LabelTable.Row, _ path: String, _ folder: URL
  ) throws(ImageError) -> ProjectionImage {
    func invalid(_ column: String, _ value: String, _ remedy: String) -> ImageError {
      .invalidRow(path: path, row: row.line, column: column, value: value, remedy: remedy)
    }
    func found(_ column: String, _ name: String) throws(ImageError) -> URL {
      guard imageStem(name) != name else {
        throw invalid(column, name, "images end in .png, .nii or .nii.gz")
      }
      let url = place(of: name, in: folder)
      guard isFile(url) else {
        throw invalid(column, name, "there is no such file; paths are relative to the table")
      }
      return url
    }
    let mask: URL?
    if let name = row.mask {
      mask = try found("mask", name)
    } else {
      let masks = folder.appendingPathComponent(maskFolder)
      mask = [".png", ".nii.gz", ".nii"].map {
        masks.appendingPathComponent(imageStem(row.image) + $0)
      }.first(where: isFile)
    }
    return ProjectionImage(
      name: row.image, patient: row.patient, label: row.label, file: try found("image", row.image),
      mask: mask)
  }

  private static func isFile(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }
}

/// Where a file of a table lies: an absolute path, or one below the folder.
func place(of name: String, in folder: URL) -> URL {
  name.hasPrefix("/") ? URL(fileURLWithPath: name) : folder.appendingPathComponent(name)
}
