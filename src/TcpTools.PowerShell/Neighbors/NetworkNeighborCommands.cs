using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Net;
using TcpTools.Neighbors;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Lists the neighbours that a stack on an Ethernet link knows.</summary>
[Cmdlet(VerbsCommon.Get, "NetworkNeighbor")]
[OutputType(typeof(NeighborEntry))]
public sealed class GetNetworkNeighborCommand : TcpToolsCmdlet
{
    /// <summary>Only these addresses.</summary>
    [Parameter(Position = 0)]
    [AddressesTransform]
    [Alias("IPAddress")]
    public IPAddress[] Address { get; set; } = [];

    /// <summary>The stack; the default one when none is named.</summary>
    [Parameter(ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpStack stack = RequireStack(Stack);
        HashSet<NetworkAddress> wanted = [.. Address.Select(NetworkAddress.From)];
        foreach (NeighborEntry neighbor in stack.Neighbors.OrderBy(n => n.Address.IPv4Bits))
        {
            if (wanted.Count == 0 || wanted.Contains(neighbor.Address))
            {
                WriteObject(neighbor);
            }
        }
    }
}

/// <summary>Finds out the Ethernet addresses of a stack's neighbours by ARP.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "NetworkNeighbor")]
[OutputType(typeof(NeighborEntry))]
public sealed class ResolveNetworkNeighborCommand : TcpToolsCmdlet
{
    /// <summary>The neighbours' IP addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AddressesTransform]
    [Alias("IPAddress")]
    public IPAddress[] Address { get; set; } = [];

    /// <summary>The stack; the default one when none is named.</summary>
    [Parameter]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>How long to wait for each answer.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 5;

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpStack stack = RequireStack(Stack);
        foreach (IPAddress address in Address)
        {
            Subject = address;
            if (stack.ResolveNeighbor(NetworkAddress.From(address), Limit(TimeoutSec), StopToken) is { } neighbor)
            {
                WriteObject(neighbor);
                continue;
            }

            WriteError(Errors.Make(
                "NoAnswer",
                ErrorCategory.ObjectNotFound,
                $"Nobody on {stack.Link.Name} answers for {address}.",
                address,
                "Nobody has the address, or its owner is down."));
        }
    }
}
