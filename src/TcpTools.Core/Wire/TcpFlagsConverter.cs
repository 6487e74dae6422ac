using System;
using System.ComponentModel;
using System.Globalization;

namespace TcpTools.Wire;

/// <summary>
/// Lets flags be set from text in every usual form (<see cref="TcpFlagsText.Parse"/>) where values are converted by
/// type, as in <c>$p.Tcp.Flags = 'SA'</c>.
/// </summary>
public sealed class TcpFlagsConverter : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? TcpFlagsText.Parse(text) : base.ConvertFrom(context, culture, value);
}
