extension Volume {
  /// The same voxels with the indices permuted and flipped, so that they run as in `target`.
  ///
  /// Nothing is resampled: every voxel keeps its value and its place in the patient, and the
  /// affine changes accordingly.
  public func reoriented(to target: Orientation = .lps) -> Volume {
    let source = orientation
    guard source != target else { return self }
    // New index n follows the old index old[n], backwards where flip[n].
    let old = target.axes.map { axis in source.axes.firstIndex(of: axis) ?? 0 }
    let flip = (0..<3).map { target.signs[$0] != source.signs[old[$0]] }
    let newShape = old.map { shape[$0] }
    let strides = [1, shape[0], shape[0] * shape[1]]
    let steps = (0..<3).map { flip[$0] ? -strides[old[$0]] : strides[old[$0]] }
    let start = (0..<3).reduce(0) { $0 + (flip[$1] ? strides[old[$1]] * (newShape[$1] - 1) : 0) }

    let reordered = [Float](unsafeUninitializedCapacity: voxels.count) { buffer, count in
      voxels.withUnsafeBufferPointer { source in
        var position = 0
        for k in 0..<newShape[2] {
          for j in 0..<newShape[1] {
            var from = start + j * steps[1] + k * steps[2]
            for _ in 0..<newShape[0] {
              buffer[position] = source[from]
              position += 1
              from += steps[0]
            }
          }
        }
      }
      count = voxels.count
    }
    let columns = [affine.columns.0, affine.columns.1, affine.columns.2]
    var first = SIMD3<Double>.zero  // the old index of the new voxel (0, 0, 0)
    for n in 0..<3 where flip[n] { first[old[n]] = Double(newShape[n] - 1) }
    let turned = (0..<3).map { flip[$0] ? -columns[old[$0]] : columns[old[$0]] }
    return Volume(
      name: name, shape: newShape, voxels: reordered,
      affine: Affine(i: turned[0], j: turned[1], k: turned[2], origin: affine(first)),
      isOriented: isOriented)
  }
}
