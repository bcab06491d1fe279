import Foundation
import KLProjection
import MedicalImages
import Networks

/// The pictures of one held-out slice: the image with the tumor's outline, both attention maps of a
/// network, and their exact projection, side by side.
struct SlicePanel {
  /// What the tiles are, from the left, for a caption.
  static let columns =
    "From the left: FLAIR; FLAIR with the outline of the tumor's mask; the fine map τ; the coarse "
    + "map ρ; the exact projection's fine map μ and coarse map ν. Each map is colored from its "
    + "smallest to its largest value; brighter is more attention. How much more, the captions say."

  private static let enlargement = 2
  private static let outline = Raster.Color(0, 230, 180)

  let sample: SegmentationSample
  /// τ, ρ, μ and ν as planes.
  let maps: [Plane]

  /// The maps of one image.
  ///
  /// - Parameters:
  ///   - sample: The image.
  ///   - index: Its place among `maps`.
  ///   - maps: The maps of a network on the held-out images.
  /// - Throws: `ProjectionError` if the maps are no instance of Eq. 4.
  init(_ sample: SegmentationSample, at index: Int, of maps: HeldOutMaps) throws {
    let (m, n) = (maps.fine.count / maps.count, maps.coarse.count / maps.count)
    let fine = Array(maps.fine[index * m..<(index + 1) * m])
    let coarse = Array(maps.coarse[index * n..<(index + 1) * n])
    let projection = try MarginalProjection(fine: maps.fineShape, coarse: maps.coarseShape)
    let exact = try projection.project(fine: fine, coarse: coarse, as: .potentials)[0]
    let given = maps.probabilities(at: index)
    func plane(_ shape: [Int], _ values: [Float]) -> Plane {
      Plane(height: shape[0], width: shape[1], values: values)
    }
    self.sample = sample
    self.maps = [
      plane(maps.fineShape, given.fine), plane(maps.coarseShape, given.coarse),
      plane(maps.fineShape, exact.fine), plane(maps.coarseShape, exact.coarse),
    ]
  }

  /// How strongly each map prefers its favorite cell: its largest value over that of a flat map.
  var peaks: [Double] {
    maps.map { Double($0.range.upperBound) * Double($0.values.count) }
  }

  /// The tiles in one picture.
  func picture() -> Raster {
    let image = flair().enlarged(by: Self.enlargement)
    var outlined = image
    outlined.drawOutline(of: sample.maskPlane, color: Self.outline)
    let tiles = maps.map { Overlay().draw($0, over: image) }
    return Panel.row([image, outlined] + tiles)
  }

  /// FLAIR, with black outside the brain: there the standard scores are 0, in the brain's middle.
  private func flair() -> Raster {
    var plane = sample.plane(of: .flair)
    let window = plane.window()
    plane.values = plane.values.map { $0 == 0 ? window.lowerBound : $0 }
    return Raster(plane, range: window)
  }
}
