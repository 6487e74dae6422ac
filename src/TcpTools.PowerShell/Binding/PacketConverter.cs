using System;
using System.ComponentModel;
using System.Management.Automation;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>
/// Makes packets again of what serialization has left of them, so that packets from files of Export-Clixml, from jobs and
/// from other machines are packets. The types file names it.
/// </summary>
public sealed class PacketConverter : PSTypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(PSObject sourceValue, Type destinationType) =>
        (destinationType == typeof(Packet) || destinationType == typeof(SerializedPacket)) && sourceValue?.Properties["Bytes"] is not null;

    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) => CanConvertFrom(PSObject.AsPSObject(sourceValue), destinationType);

    /// <inheritdoc/>
    public override object ConvertFrom(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        ForeignPackets.TryRead(sourceValue, PacketStart.IP) ?? throw new InvalidCastException("These are no bytes of a packet.");

    /// <inheritdoc/>
    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        ConvertFrom(PSObject.AsPSObject(sourceValue), destinationType, formatProvider, ignoreCase);

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new InvalidCastException("A packet is converted to nothing here.");
}

/// <summary>
/// Stands for packets where the types file says what serialized ones become: that file is read before the assembly that has
/// packets is there. Nothing ever is one: the converter gives packets.
/// </summary>
[TypeConverter(typeof(PacketConverter))]
public abstract class SerializedPacket;
