using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Neighbors;

/// <summary>
/// Our addresses on the link (RFC 5227): others are asked before one is used, told when it is, and contradicted when they
/// use it too, once; whoever insists gets it.
/// </summary>
internal sealed class AddressClaims(EthernetProtocol layer, NeighborSettings settings, RandomSource random)
{
    private readonly List<Claim> _claims = [];

    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>Whether every address may be used, so that nobody needs to ask for a single one.</summary>
    public bool AllUsable { get; private set; } = true;

    public bool AnyProbing => _claims.Exists(static c => c.State == AddressClaimState.Probing);

    public List<AddressClaim> ToList() => _claims.ConvertAll(static c => new AddressClaim(c.Address, c.State));

    /// <summary>Whether packets may be sent from an address, and requests for it be answered.</summary>
    public bool MayUse(NetworkAddress address) => Find(address) is { State: AddressClaimState.Claimed };

    public void Start(NetworkAddress address, AddressClaimMode mode, Instant now)
    {
        Stop(address);
        Claim claim = new(address);
        _claims.Add(claim);
        if (mode == AddressClaimMode.Probe)
        {
            claim.State = AddressClaimState.Probing;
            claim.Deadline = now + (settings.ProbeWait * random.NextDouble());
        }
        else
        {
            claim.Announcements = mode == AddressClaimMode.None ? settings.AnnounceCount : 0;
            Own(claim, now);
        }

        Refresh();
    }

    /// <summary>The address is no longer ours.</summary>
    public void Stop(NetworkAddress address)
    {
        _claims.RemoveAll(c => c.Address == address);
        Refresh();
    }

    /// <summary>Looks whether a message of somebody else's concerns an address of ours (RFC 5227, 2.1.1 and 2.4).</summary>
    /// <returns>Whether it does: then nothing is to be learned from it.</returns>
    public bool Check(in ArpView message, Instant now)
    {
        NetworkAddress sender = message.SenderProtocol;
        if (Find(sender) is { State: not AddressClaimState.Lost } claim)
        {
            OnConflict(claim, message.SenderHardware, now);
            return true;
        }

        // Two who ask for the same address at the same time: neither gets it.
        if (sender.IsAny && message.Operation == ArpOperation.Request
            && Find(message.TargetProtocol) is { State: AddressClaimState.Probing } wanted)
        {
            OnConflict(wanted, message.SenderHardware, now);
            return true;
        }

        return false;
    }

    public void OnTimer(Instant now)
    {
        if (NextDeadline > now)
        {
            return;
        }

        foreach (Claim claim in _claims)
        {
            if (claim.Deadline > now)
            {
                continue;
            }

            if (claim.State == AddressClaimState.Claimed)
            {
                Announce(claim, now);
            }
            else if (claim.Probes < settings.ProbeCount)
            {
                claim.Probes++;
                TimeSpan spread = settings.ProbeMaximum - settings.ProbeMinimum;
                claim.Deadline = now + (claim.Probes == settings.ProbeCount
                    ? settings.AnnounceWait
                    : settings.ProbeMinimum + (spread * random.NextDouble()));
                layer.SendProbe(claim.Address, now);
            }
            else
            {
                Own(claim, now);
            }
        }

        Refresh();
    }

    private void Own(Claim claim, Instant now)
    {
        claim.State = AddressClaimState.Claimed;
        Announce(claim, now);
        layer.Environment.OnChange();
    }

    private void Announce(Claim claim, Instant now)
    {
        claim.Deadline = Instant.Never;
        if (claim.Announcements >= settings.AnnounceCount)
        {
            return;
        }

        claim.Announcements++;
        layer.SendAnnouncement(claim.Address, now);
        if (claim.Announcements < settings.AnnounceCount)
        {
            claim.Deadline = now + settings.AnnounceInterval;
        }
    }

    private void OnConflict(Claim claim, MacAddress other, Instant now)
    {
        layer.Counters.Conflicts++;
        AddressConflictOutcome outcome;
        if (claim.State == AddressClaimState.Probing)
        {
            outcome = AddressConflictOutcome.Refused;
        }
        else if (claim.LastDefense is { } last && now < last + settings.DefendInterval)
        {
            if (settings.Defense == AddressDefense.Always)
            {
                // RFC 5227, 2.4 c: no more than one defence in the interval, or two who insist would never end.
                return;
            }

            outcome = AddressConflictOutcome.GivenUp;
        }
        else
        {
            claim.LastDefense = now;
            outcome = AddressConflictOutcome.Defended;
            layer.SendAnnouncement(claim.Address, now);
        }

        // Told first: connections from the address are reset while that can still be said from it.
        layer.Environment.OnConflict(new AddressConflict(claim.Address, other, now, outcome));
        if (outcome != AddressConflictOutcome.Defended)
        {
            claim.State = AddressClaimState.Lost;
            claim.Deadline = Instant.Never;
        }

        Refresh();
        layer.Environment.OnChange();
    }

    private Claim? Find(NetworkAddress address)
    {
        foreach (Claim claim in _claims)
        {
            if (claim.Address == address)
            {
                return claim;
            }
        }

        return null;
    }

    private void Refresh()
    {
        NextDeadline = Instant.Never;
        AllUsable = true;
        foreach (Claim claim in _claims)
        {
            NextDeadline = Instant.Earlier(NextDeadline, claim.Deadline);
            AllUsable &= claim.State == AddressClaimState.Claimed;
        }
    }

    private sealed class Claim(NetworkAddress address)
    {
        public NetworkAddress Address { get; } = address;

        public AddressClaimState State { get; set; }

        public Instant Deadline { get; set; } = Instant.Never;

        public int Probes { get; set; }

        public int Announcements { get; set; }

        public Instant? LastDefense { get; set; }
    }
}
