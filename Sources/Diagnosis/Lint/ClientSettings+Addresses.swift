import OAuth2

extension ClientSettings {
    /// Where it asks. A server on this machine stands in for a provider's, and only its paths are the provider's.
    var addressRemarks: [Remark] { [pathRemark, hostRemark, regionRemark, tenantRemark].compactMap(\.self) }

    private var pathRemark: Remark? {
        let paths = ServerAddress.tokenPaths(of: provider)
        guard let tokenEndpoint, let usual = paths.first else { return nil }
        guard !paths.contains(where: { ServerAddress.fits(tokenEndpoint.path, $0) }) else {
            return Remark(
                .pathAgrees,
                EndpointKind.token.rawValue,
                "the path \(tokenEndpoint.path) is as \(provider.title) has it",
                remedy: nil
            )
        }
        return Remark(
            .pathDiffers,
            EndpointKind.token.rawValue,
            "the path \(tokenEndpoint.path.isEmpty ? "/" : tokenEndpoint.path) is none of \(provider.title)'s, whose is "
                + usual,
            remedy: "write \(usual), or what the provider's settings make of it"
        )
    }

    private var hostRemark: Remark? {
        let addresses = [(EndpointKind.token, tokenEndpoint), (.issuer, issuer)]
        for case (let kind, let url?) in addresses where !url.isLoopback && provider != .generic {
            guard let owner = Provider(recognizing: url), owner != provider else { continue }
            return Remark(
                .hostIsForeign,
                kind.rawValue,
                "\(url.host) is \(owner.title)'s, and provider = \"\(provider.rawValue)\"",
                remedy: "write provider = \"\(owner.rawValue)\", or the address of \(provider.title)"
            )
        }
        return nil
    }

    private var regionRemark: Remark? {
        guard provider == .cognito else { return nil }
        var regions: [Substring] = []
        for region in [tokenEndpoint, issuer, keys].compactMap(\.self).flatMap(ServerAddress.regions)
        where !regions.contains(region) {
            regions.append(region)
        }
        guard regions.count > 1 else { return nil }
        return Remark(
            .regionsDiffer,
            (tokenEndpoint == nil ? EndpointKind.issuer : .token).rawValue,
            "the domain and the user pool name more than one region: \(regions.joined(separator: ", "))",
            remedy: "write the one that the user pool's identifier begins with"
        )
    }

    private var tenantRemark: Remark? {
        guard provider == .entra, grant.isClientsOwn, let url = tokenEndpoint ?? issuer,
            let tenant = ServerAddress.firstSegment(of: url.path), Self.sharedTenants.contains(tenant.lowercased())
        else { return nil }
        return Remark(
            .tenantIsShared,
            ServerSetting.tenant.rawValue,
            "\"\(tenant)\" stands for every tenant, and grant = \"\(grant.name)\" is of one",
            remedy: "write the tenant's ID or domain"
        )
    }

    private static let sharedTenants = ["common", "organizations", "consumers"]
}
