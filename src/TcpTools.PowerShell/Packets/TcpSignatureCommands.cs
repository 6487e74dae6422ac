using System;
using System.Management.Automation;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>What signing segments and looking at signatures have in common: the key and what belongs to it.</summary>
public abstract class TcpSignatureCmdlet : TcpToolsCmdlet
{
    private const string Md5Set = "Md5";
    private const string AuthenticationSet = "Authentication";

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>The key of an MD5 signature.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = Md5Set)]
    [SecretTransform]
    public byte[] Md5Key { get; set; } = [];

    /// <summary>The master key of TCP-AO.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AuthenticationSet)]
    [SecretTransform]
    public byte[] MasterKey { get; set; } = [];

    /// <summary>The key's number.</summary>
    [Parameter(ParameterSetName = AuthenticationSet)]
    public byte KeyId { get; set; }

    /// <summary>The number of the key to be received next.</summary>
    [Parameter(ParameterSetName = AuthenticationSet)]
    public byte ReceiveNextKeyId { get; set; }

    /// <summary>The algorithms.</summary>
    [Parameter(ParameterSetName = AuthenticationSet)]
    public TcpAuthenticationAlgorithm Algorithm { get; set; }

    /// <summary>Covers no other option than the code itself.</summary>
    [Parameter(ParameterSetName = AuthenticationSet)]
    public SwitchParameter WithoutOptions { get; set; }

    /// <summary>The initial sequence number of the segment's sender.</summary>
    [Parameter(ParameterSetName = AuthenticationSet)]
    public uint SenderIsn { get; set; }

    /// <summary>The initial sequence number of the segment's receiver.</summary>
    [Parameter(ParameterSetName = AuthenticationSet)]
    public uint ReceiverIsn { get; set; }

    /// <summary>How often sequence numbers have gone round.</summary>
    [Parameter(ParameterSetName = AuthenticationSet)]
    public uint SequenceExtension { get; set; }

    /// <summary>Whether signatures are those of MD5.</summary>
    private protected bool IsMd5 => ParameterSetName == Md5Set;

    private protected TcpAuthenticationKey AuthenticationKey => new(MasterKey)
    {
        KeyId = KeyId,
        ReceiveNextKeyId = ReceiveNextKeyId,
        Algorithm = Algorithm,
        CoversOptions = !WithoutOptions,
    };

    private protected TcpInitialSequences? Initial =>
        MyInvocation.BoundParameters.ContainsKey(nameof(SenderIsn)) || MyInvocation.BoundParameters.ContainsKey(nameof(ReceiverIsn))
            ? new(SenderIsn, ReceiverIsn)
            : null;

    /// <summary>Does something with the segment's signature; a packet without a segment is an error of its own.</summary>
    private protected void ForSegment(Action<Packet> action)
    {
        Subject = InputObject;
        try
        {
            action(InputObject);
        }
        catch (ArgumentException e)
        {
            WriteError(Errors.Make(
                "NotSignable",
                ErrorCategory.InvalidArgument,
                e.Message,
                InputObject,
                "Give a TCP segment inside an IP packet, and with -MasterKey also -SenderIsn and -ReceiverIsn unless it is a SYN."));
        }
    }
}

/// <summary>Signs TCP segments.</summary>
[Cmdlet(VerbsSecurity.Protect, "TcpSegment", DefaultParameterSetName = "Md5")]
[OutputType(typeof(Packet))]
public sealed class ProtectTcpSegmentCommand : TcpSignatureCmdlet
{
    /// <inheritdoc/>
    protected override void Process() => ForSegment(packet =>
    {
        Packet signed = packet.Copy();
        if (IsMd5)
        {
            TcpMd5Signature.Sign(signed, Md5Key);
        }
        else
        {
            TcpAuthentication.Sign(signed, AuthenticationKey, Initial, SequenceExtension);
        }

        WriteObject(signed);
    });
}

/// <summary>Says whether TCP segments are signed with a key.</summary>
[Cmdlet(VerbsDiagnostic.Test, "TcpSignature", DefaultParameterSetName = "Md5")]
[OutputType(typeof(bool))]
public sealed class TestTcpSignatureCommand : TcpSignatureCmdlet
{
    /// <inheritdoc/>
    protected override void Process() => ForSegment(packet => WriteObject(IsMd5
        ? TcpMd5Signature.Verify(packet, Md5Key)
        : TcpAuthentication.Verify(packet, AuthenticationKey, Initial, SequenceExtension)));
}
