using System;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using TcpTools.Fragments;
using TcpTools.IP;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>What Join-IPPacket made of its input.</summary>
/// <param name="Passed">Packets that were no fragments.</param>
/// <param name="Joined">Packets made of fragments.</param>
/// <param name="Incomplete">Fragments of packets that did not become whole.</param>
/// <param name="Anomalies">What was strange about fragments.</param>
public sealed record JoinResult(
    IReadOnlyList<Packet> Passed, IReadOnlyList<Packet> Joined, IReadOnlyList<Packet> Incomplete, IReadOnlyList<FragmentAnomaly> Anomalies);

/// <summary>Puts fragments of IP packets together.</summary>
[Cmdlet(VerbsCommon.Join, "IPPacket")]
[OutputType(typeof(Packet), typeof(JoinResult))]
public sealed class JoinIPPacketCommand : TcpToolsCmdlet
{
    private const int ToldAnomalies = 5;

    private readonly List<Packet> _passed = [];
    private readonly List<Packet> _joined = [];
    private readonly List<Packet> _incomplete = [];
    private readonly List<FragmentAnomaly> _anomalies = [];
    private PacketReassembler _reassembler = null!;
    private int _lostPackets;
    private int _lostFragments;

    /// <summary>The packets, fragments among them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>Whose bytes count where fragments overlap.</summary>
    [Parameter]
    public FragmentOverlapPolicy OverlapPolicy { get; set; } = FragmentOverlapPolicy.Drop;

    /// <summary>How long a packet waits for its fragments, by the times of the packets.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>How many packets wait at most.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumPackets { get; set; } = 4096;

    /// <summary>How many bytes of fragments are held at most.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MaximumBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Writes the fragments of packets that did not become whole too.</summary>
    [Parameter]
    public SwitchParameter PassIncomplete { get; set; }

    /// <summary>Writes one object at the end, with what passed, what was joined, and what was not.</summary>
    [Parameter]
    public SwitchParameter AsResult { get; set; }

    /// <inheritdoc/>
    protected override void Begin() => _reassembler = new PacketReassembler(new ReassemblySettings
    {
        IPv4Policy = OverlapPolicy,
        IPv6Policy = OverlapPolicy,
        Timeout = TimeoutSec < 0 ? TimeSpan.FromDays(3650) : TimeSpan.FromSeconds(Math.Min(TimeoutSec, 3e8)),
        MaximumPackets = MaximumPackets,
        HighWatermark = MaximumBytes,
        LowWatermark = MaximumBytes / 4 * 3,
    })
    {
        KeepFragments = PassIncomplete || AsResult,
        Anomaly = OnAnomaly,
        GivenUp = OnGivenUp,
    };

    /// <inheritdoc/>
    protected override void Process()
    {
        ReassemblyOutcome outcome = _reassembler.Add(InputObject, out Packet? whole);
        if (whole is null)
        {
            WriteIncomplete();
            return;
        }

        WriteIncomplete();
        if (AsResult)
        {
            (outcome == ReassemblyOutcome.NotFragment ? _passed : _joined).Add(whole);
        }
        else
        {
            WriteObject(whole);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        _reassembler.Finish();
        WriteIncomplete();
        if (AsResult)
        {
            WriteObject(new JoinResult(_passed, _joined, _incomplete, _anomalies));
            return;
        }

        if (_lostPackets > 0 && !PassIncomplete)
        {
            WriteWarning(string.Create(
                CultureInfo.InvariantCulture,
                $"{_lostFragments} fragments of {_lostPackets} packets did not become whole; -PassIncomplete writes them."));
        }
    }

    private void OnAnomaly(FragmentAnomaly anomaly)
    {
        if (AsResult)
        {
            _anomalies.Add(anomaly);
            return;
        }

        _anomalies.Add(anomaly);
        if (_anomalies.Count <= ToldAnomalies)
        {
            WriteWarning(anomaly.ToString());
        }
        else
        {
            _anomalies.RemoveAt(ToldAnomalies);
            WriteVerbose(anomaly.ToString());
        }
    }

    private void OnGivenUp(IncompletePacket packet)
    {
        _lostPackets++;
        _lostFragments += packet.Count;
        _incomplete.AddRange(packet.Fragments);
    }

    private void WriteIncomplete()
    {
        if (!AsResult && _incomplete.Count > 0)
        {
            foreach (Packet fragment in _incomplete)
            {
                WriteObject(fragment);
            }

            _incomplete.Clear();
        }
    }
}
