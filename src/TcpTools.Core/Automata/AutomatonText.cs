using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace TcpTools.Automata;

/// <summary>Words that the parts of an automaton share.</summary>
internal static class AutomatonText
{
    private const int Longest = 60;

    /// <summary>One line of a text, not too long.</summary>
    public static string Shorten(string text)
    {
        StringBuilder line = new();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }

        return text.Length > Longest ? $"{line}..." : line.ToString();
    }

    /// <summary>Names in a list, for what would have been accepted.</summary>
    public static string List(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length == 0 ? "none" : string.Join(", ", all.Take(20)) + (all.Length > 20 ? ", ..." : "");
    }

    /// <summary>Where something was written, in brackets; empty when nobody knows.</summary>
    public static string At(string origin) => origin.Length == 0 ? "" : $" ({origin})";
}
