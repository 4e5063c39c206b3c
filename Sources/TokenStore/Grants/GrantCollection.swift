import GRDB
import OAuth2

/// Gathers what rows hold, one grant a lineage.
struct GrantCollection {
    private(set) var grants: [(grant: RefreshGrant, condition: GrantCondition)] = []
    private(set) var unreadable: [UnreadableGrant] = []
    private var positions: [GrantID: Int] = [:]

    var stored: StoredGrants {
        let grants = grants.map { grant, condition in
            StoredGrant(
                grant: grant,
                standing: condition.standing,
                intent: condition.intent,
                unconfiguredSince: condition.unconfiguredSince
            )
        }
        return StoredGrants(grants: grants, unreadable: unreadable)
    }

    mutating func add(_ row: Row, keys: StateKeys) {
        do throws(UnreadableGrant) {
            guard let columns = RefreshGrantRow(row) else {
                throw UnreadableGrant(client: String.fromDatabaseValue(row[0]), reason: .malformed)
            }
            let grant = try columns.opened(with: keys)
            guard let condition = GrantCondition(row) else {
                throw UnreadableGrant(client: columns.client, reason: .malformed)
            }
            add(grant, condition)
        } catch {
            unreadable.append(error)
        }
    }

    private mutating func add(_ grant: RefreshGrant, _ condition: GrantCondition) {
        guard let position = positions[grant.id] else {
            positions[grant.id] = grants.count
            grants.append((grant, condition))
            return
        }
        // A damaged table can hold a lineage twice: the later token is the one that is not spent.
        if grants[position].grant.sequence < grant.sequence { grants[position] = (grant, condition) }
    }
}
