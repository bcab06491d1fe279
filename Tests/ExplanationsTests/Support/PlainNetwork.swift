import ConvexKit
import Explanations
import Networks

/// Convolution, batch norm, relu and 2×2 max pool, several times, then an affine map.
///
/// `isFused` says whether batch norm and relu are one application.
struct PlainNetwork: Module, CustomReflectable {
  let convolutions: [Conv2D]
  let norms: [BatchNorm2D]
  let fc: Linear
  let isFused: Bool

  init(channels: Int, widths: [Int], classes: Int, size: [Int], isFused: Bool = true) {
    var generator = SeededGenerator(seed: 0, name: "plain network")
    let inputs = [channels] + widths
    convolutions = widths.indices.map {
      Conv2D(
        inputs: inputs[$0], outputs: widths[$0], kernel: [3, 3],
        settings: Convolution(padding: [1, 1]), using: &generator)
    }
    norms = widths.map { BatchNorm2D(channels: $0) }
    let cells = size.reduce(1) { $0 * ($1 >> widths.count) }
    fc = Linear(
      inputs: inputs[widths.count] * cells, outputs: classes, using: &generator)
    self.isFused = isFused
  }

  func output(_ images: Tensor) -> ExplainedNetwork.Output {
    var tensors: [String: Tensor] = [:]
    var x = images
    for (index, (convolution, norm)) in zip(convolutions, norms).enumerated() {
      x = isFused ? norm.relu(convolution(x)) : norm(convolution(x)).relu()
      tensors["relu\(index + 1)"] = x
      x = x.maxPool2D(Pooling(kernel: [2, 2]))
      tensors["pool\(index + 1)"] = x
    }
    return ExplainedNetwork.Output(scores: fc(x.flattened(from: 1)), tensors: tensors)
  }

  var customMirror: Mirror {
    var children: [(label: String?, value: Any)] = []
    for index in norms.indices {
      children.append(("conv\(index + 1)", convolutions[index]))
      children.append(("bn\(index + 1)", norms[index]))
    }
    return Mirror(self, children: children + [("fc", fc)], displayStyle: .struct)
  }
}
