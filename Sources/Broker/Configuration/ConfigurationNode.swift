/// A value of a configuration file together with its place.
struct ConfigurationNode {
    var place: SourcePlace
    var value: Value

    enum Value {
        case string(String)
        case integer(Int)
        case number(Double)
        case boolean(Bool)

        case list([ConfigurationNode])

        /// In the order of writing.
        case table([Member])
    }

    /// A key of a table with its value.
    struct Member {
        var key: String
        var node: ConfigurationNode
    }

    /// What the value is, with its article, for an error.
    var kind: String {
        switch value {
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a number with a fraction"
        case .boolean: "a boolean"
        case .list: "a list"
        case .table: "a table"
        }
    }
}
