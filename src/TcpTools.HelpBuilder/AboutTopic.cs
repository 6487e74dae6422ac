using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace TcpTools.HelpBuilder;

/// <summary>Turns an about_ page from Markdown into the plain text that Get-Help shows, wrapped at 80 columns.</summary>
internal static class AboutTopic
{
    private const int Width = 80;

    /// <summary>The text of a page.</summary>
    public static string Convert(string markdown)
    {
        StringBuilder text = new();
        bool inCode = false;
        bool inFrontMatter = false;
        List<string> paragraph = [];
        string[] lines = markdown.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            if (line == "---" && (i == 0 || inFrontMatter))
            {
                inFrontMatter = !inFrontMatter;
            }
            else if (inFrontMatter)
            {
                continue;
            }
            else if (line.StartsWith("```", StringComparison.Ordinal))
            {
                Flush(text, paragraph);
                inCode = !inCode;
                text.Append(inCode ? "" : "\n");
            }
            else if (inCode || line.StartsWith('|'))
            {
                Flush(text, paragraph);
                text.Append("    ").Append(line).Append('\n');
            }
            else if (line.StartsWith('#'))
            {
                Flush(text, paragraph);
                string title = line.TrimStart('#').Trim();
                text.Append(line.StartsWith("##", StringComparison.Ordinal) ? title.ToUpperInvariant() : title).Append("\n\n");
            }
            else if (line.Length == 0)
            {
                Flush(text, paragraph);
            }
            else
            {
                if (line.StartsWith("- ", StringComparison.Ordinal))
                {
                    Flush(text, paragraph);
                }

                paragraph.Add(line.Trim());
            }
        }

        Flush(text, paragraph);
        return text.ToString().TrimEnd() + "\n";
    }

    private static void Flush(StringBuilder text, List<string> paragraph)
    {
        if (paragraph.Count == 0)
        {
            return;
        }

        string whole = string.Join(' ', paragraph).Replace("`", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal);
        paragraph.Clear();
        bool isItem = whole.StartsWith("- ", StringComparison.Ordinal);
        string indent = isItem ? "      " : "    ";
        StringBuilder line = new("    ");
        foreach (string word in whole.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + word.Length + 1 > Width && line.ToString().Trim().Length > 0)
            {
                text.Append(line.ToString().TrimEnd()).Append('\n');
                line.Clear().Append(indent);
            }

            line.Append(word).Append(' ');
        }

        text.Append(line.ToString().TrimEnd()).Append("\n\n");
    }
}
