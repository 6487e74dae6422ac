using TcpTools.Wire;

namespace TcpTools.Neighbors;

/// <summary>How far the claim to an address has come (RFC 5227).</summary>
public enum AddressClaimState
{
    /// <summary>Others are being asked; the address is not used yet.</summary>
    Probing,

    /// <summary>The address is ours.</summary>
    Claimed,

    /// <summary>Somebody else has the address: it is not used, or no longer.</summary>
    Lost,
}

/// <summary>An address of a stack's on an Ethernet link.</summary>
/// <param name="Address">The address.</param>
/// <param name="State">How far the claim to it has come.</param>
public sealed record AddressClaim(NetworkAddress Address, AddressClaimState State);

/// <summary>What came of it that somebody else uses an address of ours.</summary>
public enum AddressConflictOutcome
{
    /// <summary>We had only asked for the address, and do without it.</summary>
    Refused,

    /// <summary>We have said again that the address is ours.</summary>
    Defended,

    /// <summary>We were told too often, and have given the address up.</summary>
    GivenUp,
}

/// <summary>Somebody else uses an address of ours (RFC 5227, 2.1.1 and 2.4).</summary>
/// <param name="Address">The address.</param>
/// <param name="HardwareAddress">Who else uses it.</param>
/// <param name="Time">When we learned of it, on the stack's clock.</param>
/// <param name="Outcome">What came of it.</param>
public sealed record AddressConflict(NetworkAddress Address, MacAddress HardwareAddress, Instant Time, AddressConflictOutcome Outcome)
{
    /// <summary>The conflict in a sentence.</summary>
    public override string ToString() => $"{Time} {HardwareAddress} uses {Address} too: {Outcome}";
}
