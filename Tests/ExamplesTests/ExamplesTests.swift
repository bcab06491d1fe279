import Testing

@Suite struct ExamplesTests {
  @Test func `least squares become a lasso that finds the three coefficients`() throws {
    let example = try ExampleProcess(running: "LeastSquares")
    #expect(example.code == 0)
    #expect(example.output.components(separatedBy: ": solved\n").count == 7)
    #expect(example.numbers(after: "nonzero:") == [6, 3, 2, 0])
    #expect(example.numbers(after: "gap").allSatisfy { $0 < 1e-8 })
    #expect(example.numbers(after: "residual").allSatisfy { $0 < 1e-8 })
    // ‖b‖², where the penalty leaves nothing.
    #expect(example.numbers(after: "optimum").last == 247.499586)
  }

  @Test func `the price of capital is the derivative of the optimum`() throws {
    let example = try ExampleProcess(running: "Portfolio")
    #expect(example.code == 0)
    let price = try #require(example.numbers(after: "price of capital").last)
    let difference = try #require(example.numbers(after: "by differences").last)
    #expect(abs(price - difference) < 2e-6)
    #expect(abs(price - 0.022551) < 2e-6)
  }

  @Test func `Eq. 4 by atoms is Eq. 4 in closed form`() throws {
    let example = try ExampleProcess(running: "ConsistentAttention")
    #expect(example.code == 0)
    #expect(example.output.contains("atoms:       solved, "))
    #expect(example.output.contains("closed form: solved, "))
    let optima = example.numbers(after: "optimum")
    #expect(optima.count == 2 && abs(optima[0] - optima[1]) < 1e-8)
    #expect(try #require(example.numbers(after: "largest difference:").first) < 1e-7)
    #expect(try #require(example.numbers(after: "in the witness:").first) < 1e-5)
  }

  @Test func `warehouses are opened at the least cost, or GLPK is asked for`() throws {
    let example = try ExampleProcess(running: "FacilityLocation")
    #if GLPK
      #expect(example.code == 0)
      #expect(example.numbers(after: "cost") == [75.4940])
      #expect(example.numbers(after: "gap") == [0])
      #expect(try #require(example.numbers(after: "relaxation costs").first) < 75.4940)
    #else
      #expect(example.code == 1)
      #expect(example.output.contains("GLPK"))
    #endif
  }

  @Test func `the layer's gradient is that of central differences, and descends`() throws {
    let example = try ExampleProcess(running: "DifferentiableLayer")
    #expect(example.code == 0)
    #expect(try #require(example.numbers(after: "differ by").first) < 1e-7)
    let losses = example.numbers(after: "loss")
    #expect(losses.count == 5)
    #expect(losses[4] < 1e-3 * losses[0])
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
  }
}
