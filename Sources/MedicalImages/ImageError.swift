/// What is wrong with a file or a data set, with the value found and what to do about it.
@nonexhaustive
public enum ImageError: Error, Equatable, Sendable {
  /// A file cannot be opened or read.
  case unreadable(path: String, reason: String)
  /// A file is not what its place or name says it is.
  case wrongFormat(path: String, expected: String, found: String)
  /// A file is a legal one of a kind that this package does not read.
  case unsupported(path: String, feature: String, remedy: String)
  /// A header field has a value that no voxel grid can have.
  case invalidHeader(path: String, field: String, value: String, remedy: String)
  /// A file ends before the voxels that its header promises.
  case truncated(path: String, shape: [Int], expectedBytes: Int, foundBytes: Int)
  /// A compressed file's checksum or structure is broken.
  case corrupt(path: String)
  /// A volume does not fit in memory.
  case tooLarge(path: String, shape: [Int], bytes: Int)
  /// A file holds several volumes where one is needed.
  case severalFrames(path: String, shape: [Int])
  /// A frame is asked for that the file does not hold.
  case noSuchFrame(path: String, frame: Int, count: Int)
  /// Voxels that are infinite or not a number.
  case notFinite(path: String, count: Int, first: [Int])
  /// A voxel that the type it is to be written in cannot hold.
  case notRepresentable(path: String, value: Float, type: String)
  /// Two volumes that must share a grid have different shapes.
  case shapeMismatch(first: String, firstShape: [Int], second: String, secondShape: [Int])
  /// Two volumes that must share a space lie differently in the patient.
  case differentSpaces(
    first: String, firstAffine: Affine, second: String, secondAffine: Affine, millimeters: Double)
  /// A volume whose file does not say where left and right are.
  case unknownOrientation(path: String)
  /// A file of a patient is not there.
  case missingFile(patient: String, what: String, candidates: [String])
  /// Several files of a patient claim to be the same thing.
  case ambiguousFile(patient: String, what: String, found: [String])
  /// A segmentation has a value that is no label.
  case unknownLabel(path: String, value: Float, count: Int)
  /// A scan without a brain: every voxel of it is 0 or has the same value.
  case noContrast(path: String)
  /// A folder holds no patient in the expected layout.
  case noPatients(folder: String)
  /// A parameter outside its range.
  case invalidParameter(name: String, value: String, allowed: String)
  /// A file or folder cannot be written.
  case cannotWrite(path: String, reason: String)
  /// A folder holds something else than what is to be written there.
  case occupied(folder: String, reason: String)
  /// A row of a table has a value that it cannot have; the row is the line of the file, from 1.
  case invalidRow(path: String, row: Int, column: String, value: String, remedy: String)
  /// A table's header lacks a column.
  case missingColumn(path: String, column: String, found: [String])
  /// A folder has no labeled image.
  case noImages(folder: String, reason: String)
  /// Nothing says what the numbers of an image are to be divided by.
  case unknownScale(path: String)
  /// A PET volume without any positive voxel.
  case noUptake(path: String)
  /// A program that does part of the work is not installed.
  case missingProgram(name: String, remedy: String)
  /// A program that does part of the work says that it failed.
  case programFailed(name: String, input: String, reason: String)
  /// The work was stopped by its caller.
  case cancelled
}

extension ImageError: CustomStringConvertible {
  /// One line: the file, the value found, the remedy.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check the path and its permissions"
    case .wrongFormat(let path, let expected, let found):
      "\(path): not \(expected): \(found)"
    case .unsupported(let path, let feature, let remedy):
      "\(path): \(feature) is not supported; \(remedy)"
    case .invalidHeader(let path, let field, let value, let remedy):
      "\(path): header field \(field) is \(value); \(remedy)"
    case .truncated(let path, let shape, let expected, let found):
      "\(path): the header promises \(shapeText(shape)) voxels (\(expected) bytes) but the file "
        + "holds \(found) bytes of them; copy or download it again"
    case .corrupt(let path):
      "\(path): the compressed data are damaged; copy or download the file again"
    case .tooLarge(let path, let shape, let bytes):
      "\(path): \(shapeText(shape)) voxels need \(bytes) bytes, more than there is memory; "
        + "crop or downsample the volume"
    case .severalFrames(let path, let shape):
      "\(path): holds \(shapeText(shape)) voxels where one 3D volume is needed; "
        + "choose a frame or split the file"
    case .noSuchFrame(let path, let frame, let count):
      "\(path): has no frame \(frame); frames are 0 to \(count - 1)"
    case .notFinite(let path, let count, let first):
      "\(path): \(count) voxels are infinite or not a number, the first at \(first); "
        + "repair the file, or read it with a replacement value"
    case .notRepresentable(let path, let value, let type):
      "\(path): the voxel value \(value) cannot be written as \(type); choose a wider type"
    default:
      descriptionOfSets
    }
  }

  private var descriptionOfSets: String {
    switch self {
    case .shapeMismatch(let first, let firstShape, let second, let secondShape):
      "\(second): shape \(shapeText(secondShape)) differs from \(shapeText(firstShape)) of "
        + "\(first); resample one onto the other"
    case .differentSpaces(let first, let firstAffine, let second, let secondAffine, let distance):
      "\(second): lies up to \(distance) mm away from \(first); affines \(secondAffine) and "
        + "\(firstAffine); register or resample one onto the other"
    case .unknownOrientation(let path):
      "\(path): has neither sform nor qform, so left and right are unknown; set one of them"
    case .missingFile(let patient, let what, let candidates):
      "\(patient): no \(what) file; looked for \(candidates.joined(separator: ", "))"
    case .ambiguousFile(let patient, let what, let found):
      "\(patient): several files for \(what): \(found.joined(separator: ", ")); keep one"
    case .unknownLabel(let path, let value, let count):
      "\(path): \(count) voxels have the value \(value); labels are 0, 1, 2, and 3 or 4"
    case .noContrast(let path):
      "\(path): all voxels inside the brain are equal; check that this is a skull-stripped scan"
    case .noPatients(let folder):
      "\(folder): no patient folder <patient>/<patient>_{t1,t1ce,t2,flair,seg}.nii.gz in it; "
        + "check the path"
    case .invalidParameter(let name, let value, let allowed):
      "\(name) is \(value); it must be \(allowed)"
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written (\(reason)); check the path, its permissions and free space"
    case .occupied(let folder, let reason):
      "\(folder): \(reason); choose an empty or new folder"
    default:
      descriptionOfTables
    }
  }

  private var descriptionOfTables: String {
    switch self {
    case .invalidRow(let path, let row, let column, let value, let remedy):
      "\(path), row \(row): \(column) is \"\(value)\"; \(remedy)"
    case .missingColumn(let path, let column, let found):
      "\(path): no column \(column) in the header, which has \(found.joined(separator: ", ")); "
        + "add it"
    case .noImages(let folder, let reason):
      "\(folder): \(reason); a data set has labels.csv with the columns image, patient, label"
    case .unknownScale(let path):
      "\(path): nothing says which value is white; give fullScale, or \"maximum\" in a JSON file "
        + "of the same name"
    case .noUptake(let path):
      "\(path): no voxel is above 0; check that this is a PET volume"
    case .missingProgram(let name, let remedy):
      "\(name): not found on PATH; \(remedy)"
    case .programFailed(let name, let input, let reason):
      "\(input): \(name) failed (\(reason)); check that this is one DICOM series"
    case .cancelled:
      "stopped before the end; what was complete is kept"
    default:
      "unknown image error"
    }
  }
}

/// "240x240x155" for a list of sizes.
func shapeText(_ shape: [Int]) -> String {
  shape.map(String.init).joined(separator: "x")
}
