/// A value kept apart, so that what holds it stays small and is copied cheaply.
final class Boxed<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
