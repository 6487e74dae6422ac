using System.Collections.Generic;
using System.Management.Automation;
using System.Text;
using TcpTools.Fragments;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Cuts IP packets into fragments.</summary>
[Cmdlet(VerbsCommon.Split, "IPPacket", DefaultParameterSetName = "Mtu")]
[OutputType(typeof(Packet))]
public sealed class SplitIPPacketCommand : TcpToolsCmdlet
{
    private PacketFragmenter _fragmenter = null!;

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>Bytes of an IP packet at most.</summary>
    [Parameter(Position = 0, ParameterSetName = "Mtu")]
    [ValidateRange(28, 65535)]
    public int Mtu { get; set; } = 1500;

    /// <summary>Bytes of data in each fragment.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Size")]
    [ValidateRange(1, 65535)]
    public int Size { get; set; }

    /// <summary>Exactly these stretches of the data, such as 0-24, 16-48.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Range")]
    [FragmentRangeTransform]
    public FragmentRange[] Range { get; set; } = [];

    /// <summary>Other data, in fragments that come first and overlap the packet's own.</summary>
    [Parameter(ParameterSetName = "Mtu")]
    [Parameter(ParameterSetName = "Size")]
    public object? Overlap { get; set; }

    /// <summary>Bytes of data in each fragment of the other data; as for the packet's own without.</summary>
    [Parameter(ParameterSetName = "Mtu")]
    [Parameter(ParameterSetName = "Size")]
    [ValidateRange(1, 65535)]
    public int OverlapSize { get; set; }

    /// <summary>What the fragments have in common.</summary>
    [Parameter]
    public uint Identification { get; set; }

    /// <summary>Cuts packets that say that they must not be cut.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Makes identifications that are drawn at random repeat in every run.</summary>
    [Parameter]
    public ulong Seed { get; set; }

    /// <inheritdoc/>
    protected override void Begin() => _fragmenter = new PacketFragmenter(Has(nameof(Seed)) ? RandomSource.FromSeed(Seed) : RandomSource.System);

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = InputObject;
        FragmentOptions options = new()
        {
            Mtu = ParameterSetName == "Mtu" ? Mtu : null,
            DataSize = ParameterSetName == "Size" ? Size : null,
            Ranges = ParameterSetName == "Range" ? Range : null,
            Identification = Has(nameof(Identification)) ? Identification : null,
            Force = Force,
        };
        IReadOnlyList<Packet> fragments = Overlap is null
            ? _fragmenter.Split(InputObject, options)
            : _fragmenter.SplitWithOverlap(InputObject, OverlapBytes(), options, Has(nameof(OverlapSize)) ? OverlapSize : null);
        foreach (Packet fragment in fragments)
        {
            WriteObject(fragment);
        }
    }

    private bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private byte[] OverlapBytes() => PacketInput.TryReadData(Overlap, Encoding.UTF8)
        ?? PacketInput.TryRead(Overlap)?.ToBytes()
        ?? throw new StackException(
            StackError.InvalidArgument, $"'{Overlap}' is neither text nor bytes nor a packet.", "Give -Overlap what the other fragments carry.");
}
