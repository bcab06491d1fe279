/// The primitives that networks are made of: each with its value and its derivative rule.
///
/// Use them through the methods and operators of ``Tensor``. They are public so that explainers
/// can name them in their rules.
public enum Primitives {
  /// The names of all of them. An explainer that has a rule for each of these misses none.
  public static let names: [String] = [
    add.name, subtract.name, multiply.name, divide.name, affine.name,
    relu.name, gelu.name, exp.name, log.name, dropout.name,
    sum.name, reshape.name, permute.name, expand.name, concatenate.name, slice.name,
    linear.name, matrixProduct.name,
    conv2D.name, maxPool2D.name, linearPool2D.name, resize.name,
    batchNorm.name, batchNormReLU.name, layerNorm.name, l2Normalize.name,
    softmax.name, crossEntropy.name,
    witnessPenalty.name, exactPenalty.name, projection.name, marginal.name, logMarginal.name,
    hierarchyPenalty.name, hierarchyProjection.name,
    convexLayer.name,
  ]
}
