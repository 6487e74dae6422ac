using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace TcpTools.Inspection;

/// <summary>What was expected of fields against what they are, as a table of text.</summary>
public static class DifferenceReport
{
    private const int WidestCell = 60;

    /// <summary>A row for each field, under headings, in columns.</summary>
    /// <param name="rows">Field, expected and actual value.</param>
    public static string Render(IEnumerable<(string Field, string Expected, string Actual)> rows)
    {
        string[][] cells = [["field", "expected", "actual"], .. rows.Select(row => new[] { row.Field, Cut(row.Expected), Cut(row.Actual) })];
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => cells.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (string[] row in cells)
        {
            text.Append(Environment.NewLine).Append("  ");
            text.Append(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.ToString();
    }

    private static string Cut(string text) => text.Length <= WidestCell ? text : text[..(WidestCell - 3)] + "...";
}
