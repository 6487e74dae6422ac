using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Probing;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Finds the way to hosts.</summary>
[Cmdlet(VerbsDiagnostic.Trace, "TcpRoute")]
[OutputType(typeof(RouteHop))]
public sealed class TraceTcpRouteCommand : HostProbingCmdlet
{
    // So many hops ahead of what is known: most ways are found at once, and few probes go beyond the target.
    private const int HopsAhead = 8;

    private readonly List<NetworkAddress> _targets = [];
    private readonly Dictionary<NetworkAddress, string?> _names = [];

    /// <summary>How many hops at most.</summary>
    [Parameter]
    [ValidateRange(1, 255)]
    public int MaxHops { get; set; } = 30;

    /// <summary>The first hop to look at.</summary>
    [Parameter]
    [ValidateRange(1, 255)]
    public int FirstHop { get; set; } = 1;

    /// <summary>With what: TCP, UDP or ICMP.</summary>
    [Parameter]
    public RouteProbe Protocol { get; set; }

    /// <summary>The port that is tried, of TCP or UDP.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>Probes for each hop.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int Queries { get; set; } = 3;

    /// <summary>How long each answer is waited for.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 2;

    /// <summary>Asks for the names of the addresses.</summary>
    [Parameter]
    public SwitchParameter ResolveName { get; set; }

    /// <inheritdoc/>
    protected override void Process() => _targets.AddRange(ResolveTargets());

    /// <inheritdoc/>
    protected override void End()
    {
        RouteTraceOptions options = new()
        {
            Protocol = Protocol,
            Port = Port,
            FirstHop = FirstHop,
            MaximumHops = Math.Max(MaxHops, FirstHop),
            Queries = Queries,
        };
        List<RouteTrace> traces = [.. _targets.Select(target => new RouteTrace(SourceFor(target), target, options, RandomSource.System))];
        ExchangeRunner runner = new(Channel, new ExchangeOptions
        {
            Timeout = Limit(TimeoutSec),
            Rate = Rate,
            Capacity = Math.Max(1, traces.Count) * Queries * HopsAhead,
        });
        List<RouteTrace> asking = [.. traces];
        int told = 0;
        while (told < traces.Count)
        {
            for (int i = asking.Count - 1; i >= 0 && runner.HasRoom; i--)
            {
                if (asking[i].TryMakeProbe(out Packet? probe))
                {
                    runner.Add(probe, asking[i]);
                }
                else
                {
                    asking.RemoveAt(i);
                }
            }

            Move(runner, waits: asking.Count == 0 || !runner.HasRoom);
            while (runner.TryTakeResult(out ExchangeResult? result))
            {
                if (result.Failure is { } failure && result.Probe.IP!.TimeToLive == FirstHop)
                {
                    WriteError(Errors.From(failure, result.Probe));
                }

                ((RouteTrace)result.Tag!).Take(result);
            }

            // Each way in one piece, one after the other.
            while (told < traces.Count && Write(traces[told]))
            {
                told++;
            }
        }

        EndProgress();
    }

    /// <summary>Writes what is known of a way by now; whether that is all.</summary>
    private bool Write(RouteTrace trace)
    {
        while (trace.TryTakeHop(out RouteHop? hop))
        {
            WriteObject(ResolveName && hop.Address is { } address ? hop with { HostName = NameOf(address) } : hop);
        }

        return trace.IsComplete;
    }

    private string? NameOf(NetworkAddress address)
    {
        if (!_names.TryGetValue(address, out string? name))
        {
            try
            {
                // The resolver itself cannot be interrupted; we only stop waiting for it.
                name = Task.Run(() => Dns.GetHostEntry(address.ToIPAddress())).WaitAsync(StopToken).GetAwaiter().GetResult().HostName;
            }
            catch (SocketException)
            {
                name = null;
            }

            _names.Add(address, name);
        }

        return name;
    }
}
