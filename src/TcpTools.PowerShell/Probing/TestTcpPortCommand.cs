using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Probing;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Tries ports.</summary>
[Cmdlet(VerbsDiagnostic.Test, "TcpPort")]
[OutputType(typeof(bool), typeof(PortScanResult))]
public sealed class TestTcpPortCommand : HostProbingCmdlet
{
    private const int ConnectionsAtOnce = 64;

    private readonly SortedDictionary<long, bool> _early = [];
    private readonly uint _seed = RandomSource.System.NextUInt32();
    private readonly ushort _sourcePort = (ushort)(49152 + RandomSource.System.Next(16000));
    private readonly Queue<(TcpSession Session, int Port, Instant Opened)> _sessions = new();
    private ExchangeRunner? _runner;
    private long _written;
    private long _number;

    /// <summary>The ports.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [PortTransform]
    [ArgumentCompleter(typeof(WellKnownPortCompleter))]
    public int[] Port { get; set; } = [];

    /// <summary>How to try them.</summary>
    [Parameter]
    public PortScanMethod Method { get; set; }

    /// <summary>How long each answer is waited for.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 1;

    /// <summary>How often a port that does not answer is tried again.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int Retry { get; set; } = 1;

    /// <summary>Objects instead of true and false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        if (Method == PortScanMethod.Connect)
        {
            if (TargetStack is null)
            {
                throw new StackException(
                    StackError.InvalidArgument, "Only a stack opens connections.", "Name one with -Stack, or try ports with -Method Syn.");
            }

            return;
        }

        _runner = new ExchangeRunner(Channel, new ExchangeOptions { Timeout = Limit(TimeoutSec), Retry = Retry, Rate = Rate });
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        foreach (NetworkAddress address in ResolveTargets())
        {
            foreach (int port in Port)
            {
                Total++;
                if (_runner is null)
                {
                    Connect(address, port);
                    continue;
                }

                _runner.Add(PortScan.MakeProbe(Method, SourceFor(address), address, port, _sourcePort, _seed + ((uint)++_number << 8)));
                Move(_runner, waits: false);
                Write();
                while (!_runner.HasRoom)
                {
                    Move(_runner, waits: true);
                    Write();
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        while (_sessions.Count > 0)
        {
            Conclude();
        }

        _runner?.CompleteAdding();
        while (_runner is { IsComplete: false })
        {
            Move(_runner, waits: true);
            Write();
        }

        Write();
        EndProgress();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        while (_sessions.TryDequeue(out var open))
        {
            open.Session.Abort();
        }

        base.Dispose(disposing);
    }

    private void Write()
    {
        while (_runner is not null && _runner.TryTakeResult(out ExchangeResult? result))
        {
            PortScanResult port = PortScan.Judge(Method, result);
            if (Method == PortScanMethod.Syn && port.IsOpen && Link?.Link is not null)
            {
                // Nobody is on this link who would end what the SYN has begun.
                Channel.Send(PacketReply.ResetFor(result.Reply!)!);
            }

            Write(port, result.Number);
        }
    }

    /// <summary>True and false come in the order of the ports, since nothing else tells which is which.</summary>
    private void Write(PortScanResult result, long number)
    {
        if (Detailed)
        {
            WriteObject(result);
            return;
        }

        _early.Add(number, result.IsOpen);
        while (_early.Remove(_written + 1, out bool isOpen))
        {
            _written++;
            WriteObject(isOpen);
        }
    }

    private void Connect(NetworkAddress address, int port)
    {
        if (_sessions.Count >= ConnectionsAtOnce)
        {
            Conclude();
        }

        TcpStack stack = TargetStack!;
        NetworkAddress? local = SourceAddress is null ? null : NetworkAddress.From(SourceAddress);
        TcpSession session = stack.Connect(new ConnectOptions { RemoteAddress = address, RemotePort = port, LocalAddress = local });
        _sessions.Enqueue((session, port, stack.Now));
    }

    private void Conclude()
    {
        (TcpSession session, int port, Instant opened) = _sessions.Dequeue();
        TcpStack stack = session.Stack!;
        TimeSpan limit = Limit(TimeoutSec * (1 + Retry));
        TimeSpan left = limit < TimeSpan.Zero ? limit : opened + limit - stack.Now;
        bool isOpen = session.WaitFor(SessionCondition.Established, left < TimeSpan.Zero && limit >= TimeSpan.Zero ? TimeSpan.Zero : left, StopToken);
        (PortState state, string reason) = isOpen ? (PortState.Open, "established") : session.CloseReason switch
        {
            TcpCloseReason.Refused or TcpCloseReason.ResetByPeer => (PortState.Closed, "reset"),
            TcpCloseReason.Unreachable => (PortState.Unreachable, "unreachable"),
            _ => (PortState.Filtered, "no answer"),
        };
        TimeSpan? roundTrip = isOpen ? session.Info.SmoothedRtt : null;
        session.Abort();
        Write(
            new PortScanResult
            {
                Address = NetworkAddress.From(session.RemoteAddress),
                Port = port,
                State = state,
                Reason = reason,
                Attempts = 1,
                RoundTripTime = roundTrip,
            },
            ++_number);
    }
}
