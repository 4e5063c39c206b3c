extension Duration {
    /// Without the sign.
    var magnitude: Duration { self < .zero ? .zero - self : self }
}
