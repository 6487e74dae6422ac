using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text;

namespace TcpTools.PowerShell;

/// <summary>Lets <c>-Encoding</c> take the names that PowerShell's own cmdlets take, any registered name, or a code page.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EncodingTransformAttribute : ArgumentTransformationAttribute
{
    private static readonly Dictionary<string, Encoding> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = new UTF8Encoding(false),
        ["utf8NoBOM"] = new UTF8Encoding(false),
        ["ascii"] = Encoding.ASCII,
        ["latin1"] = Encoding.Latin1,
        ["unicode"] = new UnicodeEncoding(false, false),
        ["bigendianunicode"] = new UnicodeEncoding(true, false),
        ["utf32"] = new UTF32Encoding(false, false),
    };

    /// <summary>The names to suggest.</summary>
    internal static IReadOnlyCollection<string> Names => s_names.Keys;

    /// <summary>UTF-8 without a mark at the start: what network protocols mean by text.</summary>
    internal static Encoding Default => s_names["utf8"];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            switch (value)
            {
                case Encoding encoding:
                    return encoding;
                case string name:
                    return s_names.TryGetValue(name, out Encoding? known) ? known : Encoding.GetEncoding(name);
                case int codePage:
                    return Encoding.GetEncoding(codePage);
            }
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            // Reported below, like everything else that names no encoding.
        }

        throw new ArgumentTransformationMetadataException(
            $"'{inputData}' is not an encoding: write one of {string.Join(", ", s_names.Keys)}, or a code page.");
    }
}
