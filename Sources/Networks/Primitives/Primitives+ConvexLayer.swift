import ConvexKit

// Convex problems as applications on the tape. Their mathematics is ConvexKit's; what is added here
// is the passage between tensors, row-major and in Float, and matrices, column-major and in Double.
extension Primitives {
  /// A layer, and what its forward pass found.
  public struct ConvexApplication: Sendable {
    /// The layer, of one variable.
    public let layer: ConvexLayer
    fileprivate let solved = SolvedBatch()
  }

  /// y = x(θ), the solution of a convex problem;  dθ by `ConvexLayerSample.pullBack`
  ///
  /// Inputs: a tensor `[N, …]` for every parameter of the layer, its elements row by row; y is
  /// `[N, …]` with the variable's shape. A sample without a solution, or without a derivative, has
  /// NaN; `Tensor.firstNonFiniteApplication()` finds where that began.
  public static let convexLayer = Primitive<ConvexApplication>(
    name: "convexLayer",
    forward: { inputs, application in
      let layer = application.layer
      precondition(
        layer.variables.count == 1 && inputs.count == layer.parameters.count,
        "convexLayer: \(inputs.count) inputs for \(layer.parameters.count) parameters, "
          + "\(layer.variables.count) variables")
      let count = inputs.first.map { $0.shape[0] } ?? 1
      let parameters = zip(layer.parameters, inputs).map { parameter, input in
        matrices(input, rows: parameter.rows, columns: parameter.columns, count)
      }
      let batch = layer.solve((0..<count).map { sample in parameters.map { $0[sample] } })
      application.solved.batch = batch
      let variable = layer.variables[0]
      let undefined = Matrix<Double>(rows: variable.rows, columns: variable.columns) { _, _ in .nan
      }
      let values = batch.samples.map { $0.status == .solved ? $0.values[0] : undefined }
      return .init(tensor(values, rows: variable.rows, columns: variable.columns))
    },
    pullback: { application, attributes, dy in
      guard let batch = attributes.solved.batch else {
        preconditionFailure("convexLayer: pulled back before it was applied")
      }
      let (layer, variable) = (attributes.layer, attributes.layer.variables[0])
      let cotangents = matrices(
        dy, rows: variable.rows, columns: variable.columns, batch.samples.count)
      let gradients = batch.pullBack(cotangents.map { [$0] })
      return layer.parameters.enumerated().map { index, parameter in
        let (rows, columns) = (parameter.rows, parameter.columns)
        let matrices = gradients.map { result in
          switch result {
          case .success(let gradient): gradient.parameters[index]
          case .failure: Matrix<Double>(rows: rows, columns: columns) { _, _ in .nan }
          }
        }
        return tensor(matrices, rows: rows, columns: columns)
          .reshaped(application.operands[index].shape)
      }
    })

  /// The samples of a tensor as matrices.
  private static func matrices(
    _ tensor: Tensor, rows: Int, columns: Int, _ count: Int
  ) -> [Matrix<Double>] {
    let elements = tensor.elements
    precondition(
      tensor.shape.first == count && elements.count == count * rows * columns,
      "convexLayer: \(tensor.shape) is no batch of \(count) \(rows)×\(columns) matrices")
    return (0..<count).map { sample in
      Matrix(rows: rows, columns: columns) { i, j in
        Double(elements[(sample * rows + i) * columns + j])
      }
    }
  }

  /// Matrices as a tensor `[N, rows]` or `[N, rows, columns]`.
  private static func tensor(_ matrices: [Matrix<Double>], rows: Int, columns: Int) -> Tensor {
    let elements = matrices.flatMap { matrix in
      (0..<rows).flatMap { i in (0..<columns).map { Float(matrix[i, $0]) } }
    }
    return Tensor(
      elements, shape: columns == 1 ? [matrices.count, rows] : [matrices.count, rows, columns])
  }

  /// Written once, by the forward pass, before anybody else sees the application.
  fileprivate final class SolvedBatch: @unchecked Sendable {
    var batch: ConvexLayerBatch?
  }
}

extension Tensor {
  /// The solution of a convex problem whose parameters are tensors.
  ///
  /// - Parameters:
  ///   - layer: A layer of one variable.
  ///   - parameters: A tensor `[N, …]` for every parameter, its elements row by row.
  /// - Returns: `[N, …]` with the variable's shape; NaN where a sample has no solution.
  public static func solution(of layer: ConvexLayer, at parameters: [Tensor]) -> Tensor {
    Primitives.convexLayer(parameters, Primitives.ConvexApplication(layer: layer))
  }
}
