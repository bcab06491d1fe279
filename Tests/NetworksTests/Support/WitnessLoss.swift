import Networks

/// Eq. 6 in plain tensor operations, as the reference data computes it.
struct WitnessLoss {
  /// The two sides of Eq. 5, each with sum 1 per sample: `[N, h, w]`.
  let fine, coarse: Tensor

  /// The marginals of maps `[N, 2h, 2w]` and `[N, h, w]` under a witness `[1, 1, h, w]`.
  init(tauK: Tensor, tauL: Tensor, lamb: Tensor, detachingCoarse: Bool = false) {
    let (n, h, w) = (tauL.shape[0], tauL.shape[1], tauL.shape[2])
    let rows = tauK.shape[1] / h
    let columns = tauK.shape[2] / w
    let pooled = tauK.reshaped([n, h, rows, w, columns]).sum(axes: [2, 4])
    let witness = lamb.reshaped([1, h, w])
    func normalized(_ x: Tensor) -> Tensor { x / x.sum(axes: [1, 2], keepingAxes: true) }
    fine = normalized(pooled * (-witness).exp())
    let coarse = normalized(tauL * witness.exp())
    self.coarse = detachingCoarse ? coarse.detached() : coarse
  }

  /// KL(coarse ‖ fine), the mean over the batch.
  var coarseFine: Tensor { Self.divergence(coarse, fine) }

  /// KL(fine ‖ coarse), the mean over the batch.
  var fineCoarse: Tensor { Self.divergence(fine, coarse) }

  private static func divergence(_ p: Tensor, _ q: Tensor) -> Tensor {
    (p * (p.log() - q.log())).sum() / Float(p.shape[0])
  }
}
