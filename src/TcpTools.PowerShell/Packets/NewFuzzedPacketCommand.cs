using System;
using System.Linq;
using System.Management.Automation;
using System.Security.Cryptography;
using TcpTools.Inspection;
using TcpTools.Mutation;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Makes variants of packets.</summary>
[Cmdlet(VerbsCommon.New, "FuzzedPacket", DefaultParameterSetName = "Series")]
[OutputType(typeof(Packet))]
public sealed class NewFuzzedPacketCommand : TcpToolsCmdlet
{
    /// <summary>What a variant's mutation is called as a property.</summary>
    private const string MutationName = "Mutation";

    private ulong _seed;

    /// <summary>The packets to make variants of.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>How many variants of each; 0 for ever more.</summary>
    [Parameter(ParameterSetName = "Series")]
    [ValidateRange(0, long.MaxValue)]
    public long Count { get; set; } = 1;

    /// <summary>The first variant's place in the series.</summary>
    [Parameter(ParameterSetName = "Series")]
    [ValidateRange(0, long.MaxValue)]
    public long Skip { get; set; }

    /// <summary>Only the variants of these places in the series.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Index")]
    [ValidateRange(0, long.MaxValue)]
    public long[] Index { get; set; } = [];

    /// <summary>What everything random follows from; another one each time when it is not given.</summary>
    [Parameter]
    public ulong Seed { get; set; }

    /// <summary>The kinds of changes.</summary>
    [Parameter]
    public FuzzStrategy Strategy { get; set; } = FuzzStrategy.All;

    /// <summary>The fields to change, by patterns of their paths.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[] Field { get; set; } = [];

    /// <summary>The layers whose fields to change.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[] Layer { get; set; } = [];

    /// <summary>The fields to leave alone, by patterns of their paths.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[] Exclude { get; set; } = [];

    /// <summary>Changes fields too that have been set to something of their own.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>How many changes a variant has at most.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int Intensity { get; set; } = 3;

    /// <summary>What becomes of checksums.</summary>
    [Parameter]
    public FuzzComputed Checksum { get; set; } = FuzzComputed.Keep;

    /// <summary>What becomes of lengths and data offsets.</summary>
    [Parameter]
    public FuzzComputed Length { get; set; } = FuzzComputed.Vary;

    /// <summary>What becomes of options.</summary>
    [Parameter]
    public FuzzOptionChoice Option { get; set; } = FuzzOptionChoice.Vary;

    /// <summary>The networks that addresses are drawn from.</summary>
    [Parameter]
    [InterfaceAddressTransform]
    public Wire.InterfaceAddress[] Network { get; set; } = [];

    /// <summary>Other packets, whose bytes and layers may get into the variants.</summary>
    [Parameter]
    [PacketListTransform]
    public Packet[] Donor { get; set; } = [];

    /// <inheritdoc/>
    protected override void Begin() =>
        _seed = MyInvocation.BoundParameters.ContainsKey(nameof(Seed)) ? Seed : (ulong)RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = InputObject;
        PacketFuzzer fuzzer = new(InputObject, MakeOptions());
        if (ParameterSetName == "Index")
        {
            foreach (long index in Index)
            {
                Write(fuzzer.Make(index));
            }

            return;
        }

        for (long i = 0; (Count == 0 || i < Count) && !StopToken.IsCancellationRequested; i++)
        {
            Write(fuzzer.Make(Skip + i));
        }
    }

    private FuzzOptions MakeOptions()
    {
        bool isNamed = Field.Length > 0 || Layer.Length > 0;
        bool hasStrategy = MyInvocation.BoundParameters.ContainsKey(nameof(Strategy));
        return new FuzzOptions
        {
            Seed = _seed,

            // Who names fields wants these changed, and not the packet taken to pieces.
            Strategy = isNamed && !hasStrategy ? FuzzStrategy.Field | FuzzStrategy.Boundary : Strategy,
            Fields = new FieldPattern([.. Field, .. Layer.Select(name => name + ".*")]),
            Excluded = new FieldPattern(Exclude),
            ChangesSetFields = All,
            Intensity = Intensity,
            Checksums = Checksum,
            Lengths = Length,
            Options = Option,
            Networks = Network,
            Donors = Donor,
        };
    }

    private void Write(FuzzedPacket variant)
    {
        PSObject output = PSObject.AsPSObject(variant.Packet);
        output.Properties.Add(new PSNoteProperty(MutationName, variant.Mutation));
        WriteObject(output);
    }
}
