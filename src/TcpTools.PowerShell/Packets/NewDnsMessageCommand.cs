using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds a DNS message: a question, or the answer to one.</summary>
[Cmdlet(VerbsCommon.New, "DnsMessage", DefaultParameterSetName = "Query")]
[OutputType(typeof(Packet))]
public sealed class NewDnsMessageCommand : PacketCmdlet
{
    /// <summary>The names asked about.</summary>
    [Parameter(Position = 0)]
    [DnsNameTransform]
    public DnsName[] Name { get; set; } = [];

    /// <summary>The types asked for, of each name.</summary>
    [Parameter(Position = 1)]
    public DnsType[] Type { get; set; } = [DnsType.A];

    /// <summary>The class asked for.</summary>
    [Parameter]
    public DnsClass Class { get; set; } = DnsClass.IN;

    /// <summary>What ties the answer to the question.</summary>
    [Parameter]
    public ushort Id { get; set; } = 1;

    /// <summary>What kind of message this is.</summary>
    [Parameter]
    public DnsOpcode Opcode { get; set; }

    /// <summary>Makes a response.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Response")]
    public SwitchParameter Response { get; set; }

    /// <summary>The answers.</summary>
    [Parameter(ParameterSetName = "Response")]
    [DnsRecordTransform]
    public DnsRecord[] Answer { get; set; } = [];

    /// <summary>Records about who is the authority.</summary>
    [Parameter]
    [DnsRecordTransform]
    public DnsRecord[] Authority { get; set; } = [];

    /// <summary>Additional records.</summary>
    [Parameter]
    [DnsRecordTransform]
    public DnsRecord[] Additional { get; set; } = [];

    /// <summary>How the question was answered.</summary>
    [Parameter(ParameterSetName = "Response")]
    public DnsResponseCode ResponseCode { get; set; }

    /// <summary>The answer comes from an authority.</summary>
    [Parameter(ParameterSetName = "Response")]
    public SwitchParameter Authoritative { get; set; }

    /// <summary>The message is cut.</summary>
    [Parameter(ParameterSetName = "Response")]
    public SwitchParameter Truncated { get; set; }

    /// <summary>Does not ask the server to ask others; in a response, the server would not.</summary>
    [Parameter]
    public SwitchParameter NoRecursion { get; set; }

    /// <summary>The data is authentic; in a question, that is worth telling.</summary>
    [Parameter]
    public SwitchParameter AuthenticData { get; set; }

    /// <summary>The server is not to check.</summary>
    [Parameter]
    public SwitchParameter CheckingDisabled { get; set; }

    /// <summary>Has extensions (EDNS), and takes so many bytes over UDP.</summary>
    [Parameter]
    public ushort UdpPayloadSize { get; set; } = 1232;

    /// <summary>Has extensions (EDNS), and wants signatures.</summary>
    [Parameter]
    public SwitchParameter DnssecOk { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        DnsLayer dns = new()
        {
            Id = Id,
            Opcode = Opcode,
            IsResponse = Response,
            IsAuthoritative = Authoritative,
            IsTruncated = Truncated,
            RecursionDesired = !NoRecursion,
            RecursionAvailable = Response && !NoRecursion,
            AuthenticData = AuthenticData,
            CheckingDisabled = CheckingDisabled,
            ResponseCode = ResponseCode,
            Answers = [.. Answer],
            Authorities = [.. Authority],
            Additionals = [.. Additional],
        };
        foreach (DnsName name in Name)
        {
            foreach (DnsType type in Type)
            {
                dns.Questions.Add(new DnsQuestion(name, type, Class));
            }
        }

        int extendedCode = (int)ResponseCode >> 4;
        if (Has(nameof(UdpPayloadSize)) || DnssecOk || extendedCode != 0)
        {
            dns.Edns = new DnsEdns
            {
                UdpPayloadSize = UdpPayloadSize,
                DnssecOk = DnssecOk,
                ExtendedResponseCode = (byte)extendedCode,
            };
        }

        Emit(dns);
    }
}
