import Testing

/// What is measured, and wants the machine to itself: one after the other, and in a run of their own.
@Suite("Callers", .needsOtherUsers, .serialized, .timeLimit(.minutes(5)))
enum CallerTests {}
