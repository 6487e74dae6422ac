using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace TcpTools.PowerShell;

/// <summary>
/// A script block as text that means the same in another runspace: what it takes from here by <c>$using:</c> is read now,
/// and goes along as variables.
/// </summary>
internal sealed class ScriptText
{
    private ScriptText(string text, IReadOnlyDictionary<string, object?> variables, string? location)
    {
        Text = text;
        Variables = variables;
        Location = location;
    }

    /// <summary>The script's text.</summary>
    public string Text { get; }

    /// <summary>What the text refers to instead of <c>$using:</c>.</summary>
    public IReadOnlyDictionary<string, object?> Variables { get; }

    /// <summary>The folder in which whoever wrote it was at the time; null when there was none.</summary>
    public string? Location { get; }

    /// <summary>Several scripts as one.</summary>
    /// <param name="format">The script's text, with each of the others, in its braces, where its number stands.</param>
    /// <param name="scripts">The others, which were read with different prefixes.</param>
    public static ScriptText Join(string format, params ScriptText[] scripts) => new(
        string.Format(CultureInfo.InvariantCulture, format, [.. scripts.Select(static script => $"{{\n{script.Text}\n}}")]),
        scripts.SelectMany(static script => script.Variables).ToDictionary(),
        scripts[0].Location);

    /// <summary>Reads a script block.</summary>
    /// <param name="script">The block.</param>
    /// <param name="prefix">With what the names of its variables begin, so that several scripts may share a runspace.</param>
    /// <param name="session">Where the values of <c>$using:</c> are found.</param>
    public static ScriptText From(ScriptBlock script, string prefix, SessionState session)
    {
        Ast root = script.Ast is ScriptBlockAst or null ? script.Ast! : script.Ast;
        string text = script.ToString();
        int start = root.Extent.Text.IndexOf(text, System.StringComparison.Ordinal);
        int offset = root.Extent.StartOffset + System.Math.Max(start, 0);
        Dictionary<string, object?> variables = [];
        StringBuilder result = new(text);
        IEnumerable<UsingExpressionAst> uses = root.FindAll(static ast => ast is UsingExpressionAst, searchNestedScriptBlocks: true)
            .Cast<UsingExpressionAst>().OrderByDescending(static use => use.Extent.StartOffset);
        foreach (UsingExpressionAst use in uses)
        {
            string name = $"{prefix}{variables.Count}";
            string expression = use.SubExpression.Extent.Text.Replace("using:", "", System.StringComparison.OrdinalIgnoreCase);
            variables.Add(name, use.SubExpression is VariableExpressionAst variable
                ? session.PSVariable.GetValue(variable.VariablePath.UserPath.Replace("using:", "", System.StringComparison.OrdinalIgnoreCase))
                : session.InvokeCommand.InvokeScript(expression).FirstOrDefault());
            string sigil = use.Extent.Text.StartsWith('@') ? "@" : "$";
            result.Remove(use.Extent.StartOffset - offset, use.Extent.EndOffset - use.Extent.StartOffset)
                .Insert(use.Extent.StartOffset - offset, sigil + name);
        }

        return new ScriptText(result.ToString(), variables, session.Path.CurrentFileSystemLocation?.Path);
    }
}
