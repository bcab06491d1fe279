import Foundation
import MedicalImages

/// The maps of all methods for one held-out image, as the paper's Figs. 3-5 show them: the image, the
/// outline of the lesion, and each method's map at each block, laid over the image.
public struct ExplanationPanel: Sendable {
  /// What the image is.
  public let title: String
  /// A picture for each method.
  public let tiles: [Tile]

  /// One picture.
  public struct Tile: Sendable {
    /// What it shows.
    public let caption: String
    /// The picture.
    public let picture: Raster
  }

  private static let outline = Raster.Color(0, 230, 180)

  /// The panel of an image.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - results: The records; those of the first seed have the maps.
  public init(_ image: ShownImage, _ results: ExperimentResults) {
    title = "\(image.title): \(image.label)"
    let factor = max(1, 256 / max(image.plane.height, image.plane.width))
    let picture = Raster(image.plane, range: image.window).enlarged(by: factor)
    var outlined = picture
    if let mask = image.mask { outlined.drawOutline(of: mask, color: Self.outline) }
    var tiles = [Tile(caption: image.mask == nil ? "image" : "image, lesion", picture: outlined)]
    for method in results.methods where method != .random {
      guard let record = results.records(of: method).first,
        let panel = record.panels.first(where: { $0.image == image.index })
      else { continue }
      for map in panel.maps {
        var tile = Overlay().draw(
          Plane(height: map.grid[0], width: map.grid[1], values: map.values), over: picture)
        if let mask = image.mask { tile.drawOutline(of: mask, color: Self.outline) }
        let found = image.classes.indices.contains(panel.found) ? image.classes[panel.found] : "?"
        tiles.append(
          Tile(caption: "\(method.title), \(map.block.title): \(found)", picture: tile))
      }
    }
    self.tiles = tiles
  }

  /// What the tiles show, for a caption.
  public static let caption =
    "Maps of the first seed's networks, each colored from its smallest to its largest value and laid over the "
    + "image, brighter is more important; the outline is the lesion, which no network was shown. Beside each "
    + "method: the class that its network found."

  /// All tiles in one picture, in rows.
  ///
  /// - Parameter columns: Tiles in a row, at least 1.
  /// - Returns: The picture, without captions.
  public func picture(columns: Int = 6) -> Raster {
    precondition(columns >= 1, "picture: \(columns) columns")
    let rows = stride(from: 0, to: tiles.count, by: columns).map { start in
      tiles[start..<min(start + columns, tiles.count)].map(\.picture)
    }
    return Panel.grid(rows)
  }
}
