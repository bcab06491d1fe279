import TestSupport
import Testing

@Suite struct FixtureRuleTests {
  @Test func `the rule gives the check values of the reference data`() {
    #expect(FixtureRule.fnv1a64("") == 0xcbf2_9ce4_8422_2325)
    #expect(FixtureRule.fnv1a64("fc.weight") == 0x79fb_28a7_5603_c7a0)
    #expect(FixtureRule.splitmix64(42) == 0xbdd7_3226_2feb_6e95)
    let rule = FixtureRule()
    #expect(rule.u("fc.weight", 0) == 0.48464581410735363)
    #expect(
      rule.elements("fc.weight", .weight, count: 4, fanIn: 8)
        == [-0.01880496, 0.455935389, 0.29825601, 0.245568961])
    #expect(rule.elements("fc.bias", .bias, count: 2) == [-0.0022348694, -0.00192681816])
    #expect(rule.elements("bn1.weight", .normWeight, count: 2) == [0.972040832, 1.0648818])
    #expect(rule.elements("bn1.running_var", .runningVar, count: 2) == [1.12846148, 1.15735066])
    #expect(rule.elements("input:unet4", .input, count: 2) == [1.03917325, -1.31829917])
    #expect(rule.integers("sample:fc.weight", count: 4, below: 1000) == [298, 837, 619, 399])
  }
}
