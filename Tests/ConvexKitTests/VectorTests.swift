import ConvexKit
import Testing

@Suite struct VectorTests {
  @Test func `arithmetic is element by element`() {
    let x: Vector<Double> = [1, -2, 3]
    let y: Vector<Double> = [4, 5, 6]
    #expect(x + y == [5, 3, 9])
    #expect(x - y == [-3, -7, -3])
    #expect(2 * x == [2, -4, 6])
    #expect(x.dot(y) == 12)
  }

  @Test func `norms neither overflow nor hide a NaN`() {
    #expect(abs(Vector<Double>([3e200, 4e200]).euclideanNorm / 5e200 - 1) < 1e-15)
    #expect(abs(Vector<Double>([3e-200, -4e-200]).euclideanNorm / 5e-200 - 1) < 1e-15)
    #expect(Vector<Float>([]).euclideanNorm == 0)
    #expect(Vector<Double>([1, -7, 2]).infinityNorm == 7)
    #expect(Vector<Double>([.nan, 1]).infinityNorm.isNaN)
    #expect(Vector<Double>([1, .nan]).infinityNorm.isNaN)
    #expect(Vector<Double>([1, .infinity]).euclideanNorm == .infinity)
  }
}
