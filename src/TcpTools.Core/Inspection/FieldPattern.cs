using System;
using System.Collections.Generic;
using System.IO.Enumeration;
using System.Linq;

namespace TcpTools.Inspection;

/// <summary>
/// Names fields by patterns: <c>IP.Checksum</c>, <c>TCP.*</c>, <c>*.Checksum</c>, <c>IP</c> for all of a layer, or
/// <c>Checksum</c> for that of every layer. Case does not matter; <c>*</c> stands for anything.
/// </summary>
public sealed class FieldPattern
{
    private readonly string[] _patterns;

    /// <summary>These patterns; a field that matches one of them is meant.</summary>
    public FieldPattern(IEnumerable<string> patterns) => _patterns = [.. patterns];

    /// <summary>Whether no field is meant.</summary>
    public bool IsEmpty => _patterns.Length == 0;

    /// <summary>Whether a field is meant.</summary>
    /// <param name="path">The field's path, such as <c>TCP.Options[0].Value</c>.</param>
    public bool Matches(string path) => Array.Exists(_patterns, pattern => Matches(pattern, path));

    private static bool Matches(string pattern, string path)
    {
        if (Is(pattern, path) || Is(pattern + ".*", path) || Is(pattern + "[*", path))
        {
            return true;
        }

        // A name without a layer is a field's name in any layer.
        return !pattern.Contains('.', StringComparison.Ordinal)
            && path.Split('.').Skip(1).Any(name => Is(pattern, name) || Is(pattern + "[*]", name));
    }

    private static bool Is(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: true);
}
