using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace TcpTools.Inspection;

/// <summary>What a part of a line is, for those who show it in colours.</summary>
public enum LineRole
{
    /// <summary>Nothing in particular.</summary>
    Plain,

    /// <summary>A layer's name.</summary>
    Layer,

    /// <summary>A field's name.</summary>
    Name,

    /// <summary>Where something is.</summary>
    Place,

    /// <summary>A computed value.</summary>
    Computed,

    /// <summary>A value that was set though it could have been computed.</summary>
    Fixed,

    /// <summary>What differs.</summary>
    Different,
}

/// <summary>One line about a packet: plain text, of which parts have a role.</summary>
public sealed class PacketLine
{
    private readonly List<(string Text, LineRole Role)> _parts = [];

    /// <summary>How many characters there are so far.</summary>
    internal int Width { get; private set; }

    /// <summary>The line with something before and behind each part, as terminals want it for colours.</summary>
    /// <param name="mark">What comes before a part of a role; empty for nothing.</param>
    /// <param name="reset">What comes behind a marked part.</param>
    public string ToString(Func<LineRole, string> mark, string reset)
    {
        StringBuilder text = new();
        foreach ((string part, LineRole role) in _parts)
        {
            string before = mark(role);
            text.Append(before).Append(part).Append(before.Length > 0 ? reset : "");
        }

        return text.ToString();
    }

    /// <summary>The line's text.</summary>
    public override string ToString() => string.Concat(_parts.Select(part => part.Text));

    /// <summary>Adds a part.</summary>
    internal PacketLine Add(string text, LineRole role = LineRole.Plain)
    {
        if (text.Length > 0)
        {
            _parts.Add((text, role));
            Width += text.Length;
        }

        return this;
    }

    /// <summary>Adds blanks up to a column, and at least as many as said.</summary>
    internal PacketLine Pad(int column, int atLeast = 0) => Add(new string(' ', Math.Max(column - Width, atLeast)));
}
