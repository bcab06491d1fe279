import ArgumentParser

@main
struct Convex: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "convex", abstract: "Convex programs and the layers made of them.")
}
