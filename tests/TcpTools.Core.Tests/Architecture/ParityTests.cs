using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace TcpTools.Tests.Architecture;

/// <summary>What docs/parity.md claims can be found: the tests that it names, and a reason where something is missing.</summary>
public sealed class ParityTests
{
    private static readonly string s_root = FindRoot();
    private static readonly (string Row, string Status, string[] Tests)[] s_rows = Read();

    [Fact]
    public void The_page_has_rows() => Assert.True(s_rows.Length > 30);

    [Fact]
    public void What_is_done_is_tested() =>
        Assert.Empty(s_rows.Where(row => row.Status != "later" && row.Tests.Length == 0).Select(row => row.Row));

    [Fact]
    public void Every_status_is_one_that_the_page_explains() => Assert.Empty(s_rows
        .Where(row => row.Status is not ("yes" or "later") && !row.Status.StartsWith("partly: ", StringComparison.Ordinal))
        .Select(row => row.Row));

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        HashSet<string> known =
        [
            .. typeof(ParityTests).Assembly.GetTypes().Select(type => type.Name),
            .. Directory.GetFiles(Path.Combine(s_root, "tests", "Module")).Select(file => Path.GetFileName(file)),
        ];
        Assert.Empty(s_rows.SelectMany(row => row.Tests).Except(known));
    }

    private static string FindRoot()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "TcpTools.slnx")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        return root;
    }

    private static (string Row, string Status, string[] Tests)[] Read() =>
    [
        .. from line in File.ReadLines(Path.Combine(s_root, "docs", "parity.md"))
           where line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| row", StringComparison.Ordinal)
           let cells = line.Replace("\\|", "/", StringComparison.Ordinal).Split('|', StringSplitOptions.TrimEntries)
           select (cells[1], cells[4], cells[5].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
               .Select(test => test.Trim('`')).ToArray()),
    ];
}
