using System;
using System.Linq;
using System.Net;
using System.Threading;
using TcpTools.Neighbors;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>
/// The address that a session is opened from. On an Ethernet link it may be one that the stack does not have: then it is claimed first,
/// and goes with the last session from it, or with this object where none was opened.
/// </summary>
internal sealed class SourceAddress : IDisposable
{
    private static readonly TimeSpan s_claimLimit = TimeSpan.FromSeconds(10);

    private readonly TcpStack _stack;
    private readonly bool _isLent;

    private SourceAddress(TcpStack stack, NetworkAddress? address, bool isLent)
    {
        _stack = stack;
        _isLent = isLent;
        Address = address;
    }

    /// <summary>The address; null for the stack's choice.</summary>
    public NetworkAddress? Address { get; }

    /// <summary>Makes an address ready to open a session from.</summary>
    /// <exception cref="StackException">Somebody else has it, or no host can.</exception>
    public static SourceAddress Prepare(TcpStack stack, IPAddress? wanted, CancellationToken cancellationToken)
    {
        NetworkAddress? address = wanted is null ? null : NetworkAddress.From(wanted);
        if (address is not { IsIPv4: true, IsAny: false } source || stack.HardwareAddress is null
            || stack.Addresses.Any(own => own.Address == source))
        {
            // Without ARP nobody could be told of another address; the stack says so itself.
            return new SourceAddress(stack, address, isLent: false);
        }

        InterfaceAddress? network = stack.Addresses.Cast<InterfaceAddress?>().FirstOrDefault(own => own!.Value.Contains(source));
        int prefix = network?.PrefixLength ?? throw new StackException(
            StackError.NoRoute,
            $"{source} is not in a network of the stack '{stack.Name}', so that no answer could come back to it.",
            $"Choose an address in {string.Join(", ", stack.Addresses)}.");
        SourceAddress result = new(stack, source, stack.LendAddress(
            new InterfaceAddress(source, prefix), stack.Mode == StackMode.Manual ? AddressClaimMode.Announce : AddressClaimMode.Probe));
        try
        {
            stack.WaitForClaims(s_claimLimit, cancellationToken);
            if (stack.Claims.FirstOrDefault(claim => claim.Address == source)?.State != AddressClaimState.Claimed)
            {
                AddressConflict? conflict = stack.Conflicts.LastOrDefault(c => c.Address == source);
                throw new StackException(
                    StackError.LinkInUse,
                    $"{source} is in use on {stack.Link.Name}{(conflict is null ? "" : $": {conflict.HardwareAddress} has it")}.",
                    "Choose an address that nobody has.");
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Gives the address back unless a session uses it.</summary>
    public void Dispose()
    {
        if (_isLent)
        {
            _stack.ReturnAddress(Address!.Value);
        }
    }
}
