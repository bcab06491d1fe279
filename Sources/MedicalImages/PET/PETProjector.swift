import Foundation

/// Makes labeled projections of labeled PET volumes.
///
/// ```
/// input/labels.csv     image,patient,label[,mask]    image: .nii, .nii.gz, or a DICOM series' folder
/// output/labels.csv    image,patient,label           image: .png, 16 bits
/// output/<image>.png, <image>.json, masks/<image>.png, projections.json
/// ```
///
/// stored = round(65535 · min(value, maximum) / maximum), where value is SUV if the sidecar allows it.
public struct PETProjector: Sendable {
  /// What became of a table of volumes.
  public struct Summary: Sendable, Equatable {
    /// Projections made by this run.
    public var written = 0
    /// Projections of the same volumes that were there already.
    public var kept = 0
    /// Volumes that are not in SUV, by name, and why.
    public var stored: [String: String] = [:]
    /// What is wrong with the rows that were left out.
    public var problems: [ImageError] = []
  }

  /// How projections are made.
  public let settings: PETSettings

  /// A projector.
  ///
  /// - Parameter settings: Size and scale of the pictures.
  /// - Throws: ``ImageError/invalidParameter(name:value:allowed:)``.
  public init(settings: PETSettings = PETSettings()) throws(ImageError) {
    try settings.check()
    self.settings = settings
  }

  /// Projects the volumes of a table.
  ///
  /// Each projection appears whole: mask and JSON first, then the picture. Interrupted and run again,
  /// what is there is kept if volume and mask are the same bytes; `labels.csv` is written at the end.
  ///
  /// - Parameters:
  ///   - input: The folder that the names in the table are relative to.
  ///   - table: The table; nil is `labels.csv` in the input.
  ///   - output: A new or empty folder, or one that this made with the same settings.
  ///   - threads: The number of threads; nil means all.
  ///   - work: Hears of each volume that is done, and may stop between two of them.
  /// - Returns: What was written and what was left out.
  /// - Throws: ``ImageError/noImages(folder:reason:)`` and the errors of the table; the first problem
  ///   if no volume can be used; ``ImageError/occupied(folder:reason:)``,
  ///   ``ImageError/cannotWrite(path:reason:)``, ``ImageError/cancelled``.
  @discardableResult
  public func project(
    _ input: URL, labels table: URL? = nil, to output: URL, threads: Int? = nil,
    work: PatientWork = PatientWork()
  ) throws(ImageError) -> Summary {
    let labels: LabelTable
    if let table {
      labels = try LabelTable(contentsOf: table)
    } else {
      labels = try ProjectionFolder.table(in: input)
    }
    let folder = ProjectionOutput(url: output, settings: settings)
    try folder.prepare()
    let (rows, twice) = Self.named(labels)
    let results = try work.map(names: rows.map(\.row.image), threads: threads) {
      (index) throws(ImageError) in
      try ProjectedVolume(rows[index].row, input, labels.path).write(rows[index].name, to: folder)
    }
    var summary = Summary()
    summary.problems = labels.problems + twice
    var done: [(name: String, row: LabelTable.Row)] = []
    for (item, result) in zip(rows, results) {
      switch result {
      case .success(let outcome):
        done.append(item)
        summary.written += outcome.isNew ? 1 : 0
        summary.kept += outcome.isNew ? 0 : 1
        if outcome.record.unit != PETProjector.suv {
          summary.stored[item.row.image] = outcome.record.unitNote
        }
      case .failure(let error): summary.problems.append(error)
      }
    }
    guard !done.isEmpty else {
      throw summary.problems.first
        ?? .noImages(folder: input.path, reason: "\(labels.path) has no rows")
    }
    try folder.writeTable(done)
    return summary
  }

  /// The name of the unit of ``ProjectionRecord`` for standardized uptake values.
  static let suv = "SUV"

  /// The name of each row's projection: the path with `_` between its parts.
  private static func named(
    _ labels: LabelTable
  ) -> (rows: [(name: String, row: LabelTable.Row)], problems: [ImageError]) {
    var lines: [String: Int] = [:]
    var rows: [(name: String, row: LabelTable.Row)] = []
    var problems: [ImageError] = []
    for row in labels.rows {
      let parts = row.image.split(separator: "/").filter { $0 != "." && $0 != ".." }
      let name = imageStem(parts.joined(separator: "_"))
      if let first = lines.updateValue(row.line, forKey: name) {
        problems.append(
          .invalidRow(
            path: labels.path, row: row.line, column: "image", value: row.image,
            remedy: "its projection would have the name of that of row \(first); rename one"))
      } else {
        rows.append((name, row))
      }
    }
    return (rows, problems)
  }
}
