extension Volume {
  /// Standard scores over the brain.
  ///
  /// ```
  /// z = (v − mean) / σ  inside,   0 outside
  /// ```
  ///
  /// with the mean and the standard deviation (dividing by the count) over the mask.
  ///
  /// - Parameter mask: Whether each voxel is brain.
  /// - Returns: The scores on the same grid.
  /// - Throws: ``ImageError/noContrast(path:)`` if the mask is empty or all its voxels are equal.
  public func standardized(over mask: [Bool]) throws(ImageError) -> Volume {
    precondition(mask.count == voxels.count, "standardized: \(mask.count) flags, \(voxels.count)")
    var (count, sum) = (0, 0.0)
    for position in mask.indices where mask[position] {
      count += 1
      sum += Double(voxels[position])
    }
    guard count > 0 else { throw .noContrast(path: name) }
    let mean = sum / Double(count)
    var squares = 0.0
    for position in mask.indices where mask[position] {
      let deviation = Double(voxels[position]) - mean
      squares += deviation * deviation
    }
    guard squares > 0 else { throw .noContrast(path: name) }
    let scale = Float(1 / (squares / Double(count)).squareRoot())
    let scores = [Float](unsafeUninitializedCapacity: voxels.count) { output, initialized in
      for position in mask.indices {
        output[position] = mask[position] ? (voxels[position] - Float(mean)) * scale : 0
      }
      initialized = voxels.count
    }
    return Volume(name: name, shape: shape, voxels: scores, affine: affine, isOriented: isOriented)
  }
}
