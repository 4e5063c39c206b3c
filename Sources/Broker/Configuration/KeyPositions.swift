/// A position in a text, both counted from 1, the column in Unicode scalars.
struct SourcePosition: Sendable, Hashable, Comparable {
    var line: Int
    var column: Int

    static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// Where a document's keys and array elements stand, which TOMLKit does not tell.
struct KeyPositions: Sendable, Equatable {
    /// Where the key is written, a table's header before its first mention; where an element begins.
    var position: SourcePosition

    var members: [String: KeyPositions] = [:]
    var elements: [KeyPositions] = []

    /// One part of a dotted key.
    struct KeyPart: Sendable, Equatable {
        var name: String
        var position: SourcePosition
    }

    /// What stands at a key.
    enum Definition: Sendable {
        /// `[a.b]`
        case table

        /// `[[a.b]]`
        case tableElement

        /// `a.b = …`, with what is within the value.
        case value(KeyPositions)
    }

    /// Records what `path` is defined as.
    ///
    /// A path through an array of tables means its latest element. The recursion is as deep as the path, which
    /// `KeyScanner` bounds.
    mutating func define(_ path: ArraySlice<KeyPart>, as definition: Definition, at position: SourcePosition) {
        guard let part = path.first else {
            record(definition, at: position)
            return
        }
        if elements.isEmpty {
            members[part.name, default: KeyPositions(position: part.position)]
                .define(path.dropFirst(), as: definition, at: position)
        } else {
            elements[elements.count - 1].define(path, as: definition, at: position)
        }
    }

    private mutating func record(_ definition: Definition, at position: SourcePosition) {
        switch definition {
        case .table: self.position = position
        case .tableElement: elements.append(KeyPositions(position: position))
        case .value(let value):
            self.position = position
            members = value.members
            elements = value.elements
        }
    }
}
