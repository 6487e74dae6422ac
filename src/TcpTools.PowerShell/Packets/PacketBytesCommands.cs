using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>The bytes of packets.</summary>
[Cmdlet(VerbsData.ConvertTo, "PacketBytes")]
[OutputType(typeof(byte[]), typeof(string))]
public sealed class ConvertToPacketBytesCommand : TcpToolsCmdlet
{
    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>Writes hexadecimal digits instead.</summary>
    [Parameter]
    public SwitchParameter AsHex { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        byte[] bytes = InputObject.ToBytes();
        if (AsHex)
        {
            WriteObject(Convert.ToHexStringLower(bytes));
        }
        else
        {
            WriteObject(bytes, false);
        }
    }
}

/// <summary>Packets from bytes.</summary>
[Cmdlet(VerbsData.ConvertFrom, "PacketBytes")]
[OutputType(typeof(Packet))]
public sealed class ConvertFromPacketBytesCommand : TcpToolsCmdlet
{
    private readonly List<byte> _single = [];

    /// <summary>The bytes: an array, hexadecimal digits, or a frame.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Bytes")]
    public object InputObject { get; set; } = null!;

    /// <summary>What the first bytes are.</summary>
    [Parameter]
    public PacketStart Start { get; set; } = PacketStart.IP;

    /// <inheritdoc/>
    protected override void Process()
    {
        object value = InputObject is PSObject wrapped ? wrapped.BaseObject : InputObject;
        if (value is byte single)
        {
            // An array that was piped comes byte by byte; together they are one packet.
            _single.Add(single);
            return;
        }

        Flush();
        if (value is string text)
        {
            WriteObject(Packet.Parse(FromHex(text), Start));
            return;
        }

        Packet? packet = PacketInput.TryRead(InputObject, Start);
        if (packet is null)
        {
            WriteError(Errors.Make(
                "WrongInputType",
                ErrorCategory.InvalidType,
                $"'{value}' ({value.GetType().Name}) has no bytes of a packet.",
                value,
                "Give [byte[]], text of hexadecimal digits, or a frame."));
            return;
        }

        WriteObject(packet);
    }

    /// <inheritdoc/>
    protected override void End() => Flush();

    private void Flush()
    {
        if (_single.Count > 0)
        {
            WriteObject(Packet.Parse([.. _single], Start));
            _single.Clear();
        }
    }

    private static byte[] FromHex(string text)
    {
        string digits = string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c is not (':' or '-')));
        digits = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits;
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException e)
        {
            throw new StackException(
                StackError.InvalidData, "The text is not made of pairs of hexadecimal digits.", "For example: 4500001c...", e);
        }
    }
}
